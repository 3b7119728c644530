import { DEFAULT_PATH } from '../image/instructions.ts';
import { distributionOfFolder, type Installed, installedFrom } from '../image/packages.ts';
import type { DockerCli } from './cli.ts';

const LIST = `cat /var/lib/dpkg/status 2>/dev/null
printf '\\0'
IFS=:; for folder in $1; do ls "$folder" 2>/dev/null; done
printf '\\0'
for folder in /usr/lib/python3*/*-packages /usr/local/lib/python3*/*-packages; do ls "$folder" 2>/dev/null; done
exit 0`;

/** What an image has got, by its own package lists and programs. */
export async function installedInImage(cli: DockerCli, image: string): Promise<Installed> {
  const said = await cli.must([
    ...[
      'run',
      '--rm',
      '--network=none',
      '--pull=never',
      '--read-only',
      '--cap-drop=ALL',
      '--log-driver=none',
    ],
    ...['--entrypoint', '/bin/sh', image, '-c', LIST, 'list', DEFAULT_PATH],
  ]);
  const [status = '', commands = '', folders = ''] = said.split('\0');
  const distributions = folders.split('\n').flatMap((name) => distributionOfFolder(name) ?? []);
  return installedFrom(status, new Set(commands.split('\n')), new Set(distributions));
}

import type { DockerCli } from './cli.ts';

/** What of an image a sandbox puts its own in place of. */
export interface ImageContents {
  readonly passwd: string;
  readonly group: string;
  /** The folder that becomes the workdir, as a tar archive with that folder's name above; `null` where there is none. */
  readonly workdir: Buffer | null;
}

const MOST_WORKDIR = 512 * 2 ** 20;

/** Reads an image without running anything of it. */
export async function imageContents(cli: DockerCli, image: string, workdir: string): Promise<ImageContents> {
  const container = await cli.must([
    'create',
    '--pull=never',
    '--network=none',
    '--entrypoint',
    'true',
    image,
  ]);
  try {
    const [passwd, group, folder] = [
      await copyOut(cli, container, '/etc/passwd'),
      await copyOut(cli, container, '/etc/group'),
      await copyOut(cli, container, workdir),
    ];
    return { passwd: textOf(passwd), group: textOf(group), workdir: folder };
  } finally {
    await cli.call(['rm', '--force', container]);
  }
}

async function copyOut(cli: DockerCli, container: string, path: string): Promise<Buffer | null> {
  const { code, stdout } = await cli.call(['cp', '--follow-link', `${container}:${path}`, '-'], {
    maxBytes: MOST_WORKDIR,
  });
  return code === 0 ? stdout : null;
}

/** The content of the first file of a tar archive. @see POSIX.1-2017, pax, ustar interchange format */
function textOf(archive: Buffer | null): string {
  if (!archive || archive.length < 1024) return '';
  const bytes = Number.parseInt(archive.toString('latin1', 124, 136), 8);
  return archive.toString('utf8', 512, 512 + bytes);
}

import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, type Sandbox, type SandboxImage } from '../../../core/index.ts';
import type { Host } from './host.ts';
import { mustNotSay } from './reading.ts';

/** A context and a Dockerfile that try to get at the host while an image is built, or through what was built. */
export interface Building {
  readonly name: string;
  readonly tries: string;
  /** Fills the context; gives the Dockerfile's lines after FROM. */
  readonly prepare: (context: string, host: Host) => Promise<readonly string[]>;
  /** In what was built, if it was: a line whose output must not hold the secret. */
  readonly look?: string;
  /** It must not be built at all. */
  readonly refused?: true;
}

export const copying: readonly Building[] = [
  {
    name: 'COPY with dots',
    tries: 'copies a file from above the context',
    refused: true,
    prepare: async (context) => [`COPY ../${'../'.repeat(3)}${context}/../secret /stolen`],
  },
  {
    name: 'COPY of a link',
    tries: 'copies a link of the context that points to a file of the host',
    refused: true,
    prepare: async (context, { file }) => {
      await symlink(file, join(context, 'link'));
      return ['COPY link /stolen'];
    },
  },
  {
    name: 'COPY below a link',
    tries: "copies a file below a link to the host's folder",
    refused: true,
    prepare: async (context, { folder }) => {
      await symlink(folder, join(context, 'folder'));
      return ['COPY folder/secret /stolen'];
    },
  },
  {
    name: 'COPY of a pattern',
    tries: 'copies whatever matches, links to the host among it',
    refused: true,
    prepare: async (context, { file }) => {
      await symlink(file, join(context, 'a-link'));
      await writeFile(join(context, 'a-file'), 'x');
      return ['COPY a-* /stolen/'];
    },
  },
  {
    name: 'COPY of a folder with links in it',
    tries: 'copies a folder whose links lead to the host, and reads through them inside',
    prepare: async (context, { file, folder }) => {
      await mkdir(join(context, 'bait'));
      await symlink(file, join(context, 'bait', 'file'));
      await symlink(folder, join(context, 'bait', 'folder'));
      return ['COPY bait /workspace/bait', 'WORKDIR /workspace'];
    },
    look: 'cat bait/file bait/folder/secret; find -L bait -type f | xargs cat',
  },
  {
    name: 'COPY onto a link',
    tries: "copies through a link that an earlier COPY put there, onto the host's folder",
    prepare: async (context, { folder }) => {
      await mkdir(join(context, 'bait'));
      await symlink(folder, join(context, 'bait', 'out'));
      await writeFile(join(context, 'written'), 'x');
      return ['COPY bait /workspace/bait', 'COPY written /workspace/bait/out/written', 'WORKDIR /workspace'];
    },
  },
  {
    name: 'RUN',
    tries: 'reads and writes the host while the image is built',
    prepare: async (_context, { file, folder, tcpPort }) => [
      'WORKDIR /workspace',
      `RUN (cat ${file}; env; cat /proc/*/environ; echo x > ${folder}/written; echo x > /dev/tcp/127.0.0.1/${tcpPort}) > got 2>&1; true`,
    ],
    look: 'cat got',
  },
];

/**
 * Prepares one, has it built, and looks at what came of it.
 *
 * @throws Error when it got anywhere
 */
export async function tryBuilding(
  building: Building,
  host: Host,
  context: string,
  open: (image: SandboxImage) => Promise<Sandbox>,
): Promise<void> {
  await mkdir(context);
  const lines = await building.prepare(context, host);
  const file = join(context, 'Dockerfile');
  await writeFile(file, ['FROM debian:bookworm-slim', ...lines, ''].join('\n'));
  const sandbox = await open({ kind: 'dockerfile', file, context }).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    return undefined;
  });
  if (building.refused && sandbox) throw new Error('it was built');
  if (!sandbox) {
    if (!building.refused) throw new Error('it was not built, so that nothing was tried');
    return;
  }
  await using opened = sandbox;
  const { stdout, stderr } = await opened.exec(building.look ?? 'find . -type f | xargs cat');
  mustNotSay(stdout + stderr, host.secret);
  if ((await readdir(host.folder)).includes('written')) throw new Error('it wrote on the host');
}

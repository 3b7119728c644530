import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Programs, withLibraries } from './programs.ts';

/**
 * Fills a folder that is seen as /.stemma: `setpriv`, `nsenter` and `env` with the loader and the libraries that they need, so that
 * commands can be started in an image that has none of them.
 */
export async function writeTools(folder: string, { setpriv, nsenter, env }: Programs): Promise<void> {
  await mkdir(folder, { mode: 0o755 });
  const programs = await Promise.all([setpriv, nsenter, env].map(withLibraries));
  const files = new Map(
    programs.flatMap(({ files }) => files.map((file) => [basename(file), file] as const)),
  );
  await Promise.all(
    [...files, ['loader', programs[0]!.loader] as const].map(async ([name, file]) => {
      await copyFile(file, join(folder, name));
      await chmod(join(folder, name), 0o755);
    }),
  );
}

import { readFile, writeFile } from 'node:fs/promises';
import { InputError } from '../core/index.ts';

/** The commented study file that `stemma init` writes. It loads and plans as it is. */
const starter = new URL('./starter.yaml', import.meta.url);

/**
 * Writes a commented study file to start from.
 *
 * @throws InputError when there is a file of this name, or it can't be written
 */
export async function initStudy(file: string): Promise<void> {
  try {
    await writeFile(file, await readFile(starter), { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const place = { file };
    if (code === 'EEXIST') {
      throw new InputError('there is a file of this name already', {
        place,
        remedy: 'Name another: `stemma init other.yaml`.',
      });
    }
    if (code === 'ENOENT')
      throw new InputError('there is no such folder to write into', { place, remedy: 'Create it first.' });
    throw new InputError(`the study file can't be written: ${message}`, { place, cause: error });
  }
}

import { readFile, writeFile } from 'node:fs/promises';
import { InputError } from '../core/index.ts';
import { unwritable } from '../files/index.ts';

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
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new InputError('there is a file of this name already', {
        place: { file },
        remedy: 'Name another: `stemma init other.yaml`.',
      });
    }
    throw unwritable('the study file', file, error);
  }
}

import { execFile } from 'node:child_process';
import { MissingPartError } from '../../core/index.ts';

/** What a program of Slurm answered. */
export interface SlurmAnswer {
  readonly code: number;
  readonly output: string;
  readonly error: string;
}

/** Runs a program of Slurm. @throws MissingPartError where it is not on this machine */
export async function askSlurm(program: string, arguments_: readonly string[]): Promise<SlurmAnswer> {
  return await new Promise((resolve, reject) => {
    execFile(program, arguments_, { timeout: 30_000, encoding: 'utf8' }, (failure, output, error) => {
      if ((failure as NodeJS.ErrnoException | null)?.code === 'ENOENT')
        reject(
          new MissingPartError(`${program} is not on this machine`, {
            remedy: 'Run stemma on a login node of the cluster, or write `training: { on: local }`.',
          }),
        );
      else {
        const code = failure === null ? 0 : typeof failure.code === 'number' ? failure.code : 1;
        resolve({
          code,
          output,
          error: error
            .trim()
            .split('\n')
            .join('; ')
            .replace(/^\w+: error: /, ''),
        });
      }
    });
  });
}

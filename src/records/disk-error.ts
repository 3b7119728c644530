import { RecordsError } from '../core/index.ts';

/** The system's code of a failed file operation, such as `ENOSPC`; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

const GO_ON = 'then give the same command again: it goes on with exactly the missing trials';

/** What a failed write to a run folder means, and what to do: nothing that had been recorded is lost by it. */
export function diskError(error: unknown, file: string): RecordsError {
  const options = (remedy: string) => ({ place: { file }, remedy, cause: error });
  switch (systemCode(error)) {
    case 'ENOSPC':
      return new RecordsError('the disk is full; all that was recorded before is whole', {
        ...options(`Free some space on its volume, ${GO_ON}.`),
      });
    case 'EDQUOT':
      return new RecordsError('your disk quota is used up; all that was recorded before is whole', {
        ...options(`Free some space or have the quota raised, ${GO_ON}.`),
      });
    case 'EIO':
      return new RecordsError('the disk reports an input/output error', {
        ...options(`Look into the system's log; copy the run folder to a sound disk, ${GO_ON} on the copy.`),
      });
    case 'EROFS':
      return new RecordsError('the file system is read-only', {
        ...options(
          'Copy the run folder to where you can write, and name the copy; reading it works as it is.',
        ),
      });
    case 'EACCES':
    case 'EPERM':
      return new RecordsError('you may not write here', {
        ...options(
          'Have its permissions changed, or copy the run folder and name the copy; reading works as it is.',
        ),
      });
    case 'EISDIR':
      return new RecordsError('this is a folder; a file belongs here', {
        ...options(`Remove it, or restore the file from a copy of the run folder, ${GO_ON}.`),
      });
    default:
      return new RecordsError(`can't be written: ${error instanceof Error ? error.message : String(error)}`, {
        ...options(`Mend that, ${GO_ON}.`),
      });
  }
}

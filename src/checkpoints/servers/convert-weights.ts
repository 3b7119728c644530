import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StemmaError } from '../../core/index.ts';
import { lockedBy, tryLock } from '../../records/index.ts';
import type { Conversion } from './server.ts';
import { logTail, withoutSecrets } from './start-server.ts';
import { startWatched } from './watchdog.ts';

interface Converting {
  readonly stage: string;
  readonly signal: AbortSignal;
  /** What is done now, or waited for. */
  readonly onNote: (words: string) => void;
}

/** Between two looks at whether another process has made the file. */
const LOOK_AGAIN_MS = 500;

/**
 * Has the file that a server reads be there. Of several processes that want it, such as the parts of a run, the first to come makes it
 * and the others wait; where it ends before its time, another one makes it. The lock is the operating system's, so a killed process holds
 * none.
 *
 * @throws StemmaError with the last lines that the command printed, or where it was stopped; RecordsError where the folder can't be
 *   written to, or its file system has no locks
 */
export async function convertWeights(convert: Conversion, converting: Converting): Promise<void> {
  const { stage, signal, onNote } = converting;
  const folder = dirname(convert.out);
  for (let waits = false; !existsSync(convert.out); waits = true) {
    mkdirSync(folder, { recursive: true });
    const lock = tryLock(folder, LOCK);
    if (lock === null) {
      if (!waits) onNote(`waiting: ${lockedBy(folder, LOCK, 'converting these weights').message}`);
      await delay(LOOK_AGAIN_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) throw stopped(stage);
      continue;
    }
    try {
      // It may have been made between the look and the lock.
      if (existsSync(convert.out)) return;
      onNote(`making ${convert.out} of its weights`);
      await convertHere(convert, converting);
    } finally {
      lock.release();
    }
  }
}

const LOCK = 'convert';

function stopped(stage: string): StemmaError {
  return new StemmaError(`the conversion of the weights of the stage "${stage}" was stopped`);
}

/**
 * Runs the command. The file has its name only when the command has ended well, so a conversion that was killed is made again. The command
 * ends with this process.
 */
async function convertHere({ argv, out }: Conversion, { stage, signal }: Converting): Promise<void> {
  const folder = dirname(out);
  const part = join(folder, `part-${basename(out)}`);
  await rm(part, { force: true });
  const log = join(folder, 'convert.log');
  const file = openSync(log, 'w');
  const words = argv(part);
  const watched = startWatched(words, { env: withoutSecrets(process.env), log: file });
  closeSync(file);
  const stop = () => void watched[Symbol.asyncDispose]();
  signal.addEventListener('abort', stop, { once: true });
  const code = await watched.exited;
  signal.removeEventListener('abort', stop);
  if (signal.aborted) throw stopped(stage);
  if (code === 0 && existsSync(part)) return rename(part, out);
  const what = code === 0 ? 'ended, and made no file' : `ended with code ${code}`;
  throw new StemmaError(
    `the conversion of the weights of the stage "${stage}" (${words[0]}) ${what}:\n${logTail(log)}`,
    {
      place: { file: log },
      remedy: 'serving.convert is the command; it writes the file that {out} stands for.',
    },
  );
}

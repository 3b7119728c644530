import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { InputError } from '../core/index.ts';

/**
 * The text of a file, in pieces; a byte order mark at its beginning is left out.
 *
 * @throws InputError when there is no such file, it can't be read, or it is not UTF-8 (naming the first line that isn't)
 */
export async function* readText(path: string): AsyncGenerator<string> {
  await requireFile(path);
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 1 << 18 })) {
      decoder ??= decoderFor(bytes, path);
      yield decoder.decode(bytes, { stream: true });
    }
    if (decoder !== undefined) yield decoder.decode();
  } catch (error) {
    throw error instanceof TypeError ? await notUtf8(path) : unreadable(path, error);
  }
}

/** UTF-16 is told by its byte order mark, as Excel writes it. @throws InputError for UTF-16 without one */
function decoderFor(start: Uint8Array, file: string): InstanceType<typeof TextDecoder> {
  const mark = (start[0]! << 8) | (start[1] ?? 0);
  if (mark === 0xfffe) return new TextDecoder('utf-16le', { fatal: true });
  if (mark === 0xfeff) return new TextDecoder('utf-16be', { fatal: true });
  if (start.subarray(0, 1_000).includes(0))
    throw new InputError('this file holds zero bytes, as UTF-16 text without a byte order mark does', {
      place: { file, line: 1 },
      remedy: 'Save it as UTF-8, for example with: iconv -f utf-16le -t utf-8 FILE > NEW',
    });
  return new TextDecoder('utf-8', { fatal: true });
}

/** @throws InputError when there is no such file, or it is a folder or a pipe */
export async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (found.isDirectory()) {
    throw new InputError('this is a folder; a file is wanted', { place: { file: path } });
  }
  // Reading a pipe could wait for ever, and a table is read twice.
  if (!found.isFile())
    throw new InputError('this is not a plain file', {
      place: { file: path },
      remedy: 'Save it as a file first.',
    });
}

export function unreadable(path: string, error: unknown): InputError {
  const { code, message } = error as NodeJS.ErrnoException;
  const options = { place: { file: path }, cause: error };
  if (code === 'ENOENT') return new InputError('there is no such file', options);
  if (code === 'ENOTDIR') {
    return new InputError('there is no such file: a part of this path is a file, not a folder', options);
  }
  if (code === 'EACCES') return new InputError('you may not read this file', options);
  return new InputError(`can't be read: ${message}`, options);
}

/** Whether an error of reading a file says that there is none. */
export function isAbsentFile(error: unknown): boolean {
  return error instanceof InputError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

/** Only on the way to an error is a file read a second time, to say where it is wrong. */
async function notUtf8(path: string): Promise<InputError> {
  const bytes = await readFile(path);
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const next = end === -1 ? bytes.length : end + 1;
    if (!isUtf8(bytes.subarray(start, next))) break;
    start = next;
  }
  return new InputError('this line is not UTF-8 text', {
    place: { file: path, line },
    remedy: 'Convert the file first, for one of Windows with: iconv -f windows-1252 -t utf-8 FILE > NEW',
  });
}

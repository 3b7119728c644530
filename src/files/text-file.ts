import { isUtf8 } from 'node:buffer';
import { createReadStream, readFileSync, type Stats, statSync } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
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
    for await (const bytes of bytesOf(path)) {
      decoder ??= decoderFor(bytes, path);
      yield decoder.decode(bytes, { stream: true });
    }
    if (decoder !== undefined) yield decoder.decode();
  } catch (error) {
    throw error instanceof TypeError ? await notUtf8(path) : unreadable(path, error);
  }
}

/** The lines of a file that are not blank, counted from 1: those that end in one piece of it together. */
export async function* readLines(path: string): AsyncGenerator<Iterable<{ text: string; line: number }>> {
  let line = 0;
  let rest = '';
  function* linesIn(text: string) {
    // Not `(rest + text).split`: a line that spans many pieces would be searched anew with each of them.
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const whole = rest + text.slice(start, end);
      rest = '';
      start = end + 1;
      line++;
      if (whole.trim() !== '') yield { text: whole, line };
    }
    rest += text.slice(start);
  }
  for await (const piece of readText(path)) yield linesIn(piece);
  yield rest.trim() === '' ? [] : [{ text: rest, line: line + 1 }];
}

/** Packed that much, a text says nothing: it is made to fill memory. Real tables come to a twentieth. */
const LARGEST_RATIO = 500;
const UNPACKED_FREELY = 1 << 26;

/** The bytes of a file, unpacked where it begins as gzip does. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  if (!(await isGzip(path))) return yield* file;
  const { size } = await stat(path);
  let unpacked = 0;
  for await (const bytes of pipeline(file, createGunzip(), () => {}) as AsyncIterable<Uint8Array>) {
    unpacked += bytes.length;
    if (unpacked > UNPACKED_FREELY && unpacked > LARGEST_RATIO * size) {
      throw new InputError(`this file unpacks to more than ${LARGEST_RATIO} times its size`, {
        place: { file: path },
      });
    }
    yield bytes;
  }
}

async function isGzip(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

/** UTF-16 is told by its byte order mark, as Excel writes it. @throws InputError for UTF-16 without one, and for what is not text */
function decoderFor(start: Uint8Array, file: string): InstanceType<typeof TextDecoder> {
  const begins = (...bytes: readonly number[]) => bytes.every((byte, index) => start[index] === byte);
  if (begins(0x50, 0x4b, 0x03, 0x04))
    throw new InputError('this file is a zip archive', {
      place: { file },
      remedy: 'Unpack it first. Save a workbook (.xlsx) as CSV.',
    });
  if (begins(0xff, 0xfe, 0, 0) || begins(0, 0, 0xfe, 0xff))
    throw new InputError('this file is UTF-32 text', {
      place: { file },
      remedy: 'Save it as UTF-8, for example with: iconv -f utf-32 -t utf-8 FILE > NEW',
    });
  const mark = (start[0]! << 8) | (start[1] ?? 0);
  if (mark === 0xfffe) return new TextDecoder('utf-16le', { fatal: true });
  if (mark === 0xfeff) return new TextDecoder('utf-16be', { fatal: true });
  if (looksLikeUtf16(start.subarray(0, 1_000)))
    throw new InputError('this file holds zero bytes, as UTF-16 text without a byte order mark does', {
      place: { file, line: 1 },
      remedy: 'Save it as UTF-8, for example with: iconv -f utf-16le -t utf-8 FILE > NEW',
    });
  if (start.subarray(0, 1_000).includes(0))
    throw new InputError('this file holds zero bytes, as text does not', {
      place: { file },
      remedy: 'Is it of another format? Take the zero bytes out if it is text.',
    });
  return new TextDecoder('utf-8', { fatal: true });
}

/** Every second byte of Western text in UTF-16 is zero; among a hundred others at least one in ten is. */
function looksLikeUtf16(start: Uint8Array): boolean {
  return start.includes(0) && start.filter((byte) => byte === 0).length >= start.length / 10;
}

/** @throws InputError when there is no such file, or it is a folder or a pipe */
export async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  refuseOther(found, path);
}

/**
 * The bytes of a file that somebody else may have made: a prompt, a list, an index.
 *
 * @throws InputError when there is no such file, it can't be read, or it is a folder or a pipe
 * @example JSON.parse(readWholeFile('tokenizer.json').toString('utf8'))
 */
export function readWholeFile(path: string): Buffer {
  try {
    refuseOther(statSync(path), path);
    return readFileSync(path);
  } catch (error) {
    throw error instanceof InputError ? error : unreadable(path, error);
  }
}

function refuseOther(found: Stats, path: string): void {
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
  if (error instanceof InputError) return error;
  if (code?.startsWith('Z_')) {
    return new InputError(`this gzip file cannot be unpacked: ${message}`, {
      ...options,
      remedy: 'It may have been cut off on its way; fetch it again.',
    });
  }
  if (code === 'EACCES') return new InputError('you may not read this file', options);
  return new InputError(`can't be read: ${message}`, options);
}

/** The text of a file as `readWholeFile` reads it; `null` where there is no such file. */
export function textIfThere(path: string): string | null {
  try {
    return readWholeFile(path).toString('utf8');
  } catch (error) {
    if (isAbsentFile(error)) return null;
    throw error;
  }
}

/** Whether an error of reading a file says that there is none. */
export function isAbsentFile(error: unknown): boolean {
  return error instanceof InputError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

/** Only on the way to an error is a file read a second time, to say where it is wrong. */
async function notUtf8(path: string): Promise<InputError> {
  const stored = await readFile(path);
  const bytes = (await isGzip(path)) ? gunzipSync(stored) : stored;
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

import { readFile, stat } from 'node:fs/promises';
import { InputError, type Json, type JsonObject } from '../../core/index.ts';
import { keptIn } from '../../core/kept-in.ts';
import { isObject } from '../../core/parsed-json.ts';
import { parseLenientJson } from '../../files/index.ts';
import { asList, asNumber, asObject, asObjects, asText } from './json-access.ts';
import { JsonMembers } from './json-members.ts';
import type { Resolve } from './messages.ts';
import { byteCount, LARGEST_MEMBER, type ZipMember, ZipReader } from './zip-reader.ts';

/** An Inspect log that is open for reading. The header is read at once, samples one at a time. */
interface InspectLog extends AsyncDisposable {
  readonly file: string;
  readonly header: LogHeader;
  /**
   * Each sample of each epoch once.
   *
   * @param unless skips those that are known, by where they are in the log
   * @throws InputError naming the file and the sample that cannot be read
   */
  samples(unless?: (where: string) => boolean): AsyncIterable<RawSample>;
}

/** What a log says of itself. */
export interface LogHeader {
  /** `success`, `error`, `cancelled`, or `started` where Inspect never finished it. */
  readonly status: string;
  readonly task: string;
  readonly taskId: string | null;
  /** ISO 8601. */
  readonly created: string;
  readonly model: string;
  /** The `eval` part of the log: `task_args`, `model_args`, `metadata`, `tags`, `config`, `scorers`, … */
  readonly spec: JsonObject;
  readonly plan: JsonObject;
  /** How many trials were meant to be in it; `null` where the log does not say. */
  readonly planned: number | null;
}

/** A sample as the log has it, its messages and attachments found. */
export interface RawSample {
  /** Where it is in the log, for messages. */
  readonly where: string;
  readonly body: JsonObject;
  readonly messages: readonly JsonObject[];
  readonly metadata: JsonObject;
  readonly resolve: Resolve;
}

/** Versions of the format that are read. */
const VERSIONS = [2, 3];

/**
 * Opens a log, `.eval` or `.json`, by its content.
 *
 * @throws InputError when it is not a log, is only a part of one, or has a version that is not known
 */
export async function openLog(file: string): Promise<InspectLog> {
  const start = await beginning(file);
  if (start.startsWith('PK')) return await openEvalLog(file);
  if (/^\s*\{/.test(start)) return await openJsonLog(file);
  throw new InputError('this is not an Inspect log: it is neither a zip archive (.eval) nor JSON', {
    place: { file },
  });
}

async function beginning(file: string): Promise<string> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new InputError('this is not a plain file', { place: { file } });
    const { open } = await import('node:fs/promises');
    await using handle = await open(file);
    const bytes = Buffer.alloc(64);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytes.toString('latin1', 0, bytesRead);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InputError(absent ? 'there is no such file' : `cannot be read: ${(error as Error).message}`, {
      place: { file },
      cause: error,
    });
  }
}

// ---- .eval: a zip archive -------------------------------------------------------------------------------------------

async function openEvalLog(file: string): Promise<InspectLog> {
  const zip = await ZipReader.open(file);
  try {
    const header = await readEvalHeader(zip);
    return {
      file,
      header,
      samples: (unless) => readEvalSamples(zip, unless),
      [Symbol.asyncDispose]: () => zip[Symbol.asyncDispose](),
    };
  } catch (error) {
    await zip[Symbol.asyncDispose]();
    throw error;
  }
}

/** A log that crashed has no header: what was to be done is in `_journal/start.json`. */
async function readEvalHeader(zip: ZipReader): Promise<LogHeader> {
  const whole = zip.members.get('header.json');
  const begun = zip.members.get('_journal/start.json');
  const member = whole ?? begun;
  if (member === undefined) {
    throw new InputError(
      'this zip archive is not an Inspect log: it has neither header.json nor _journal/start.json',
      {
        place: { file: zip.file },
      },
    );
  }
  const json = asObject(await readJson(zip, member));
  return readHeader(zip.file, whole === undefined ? { ...json, status: 'started' } : json);
}

const MONOLITH = /^samples\/(.+_epoch_\d+)\.json$/;
const SHELL = /^samples\/(.+_epoch_\d+)\/sample\.json$/;

/** While one sample is taken in, the next one is unpacked; never two large ones at once. */
const LARGEST_AHEAD = 16 * 1024 * 1024;

async function* readEvalSamples(
  zip: ZipReader,
  unless: (where: string) => boolean = () => false,
): AsyncGenerator<RawSample> {
  const chunks = chunkMembers(zip);
  const members = [...zip.members.values()].filter(
    ({ name }) => (MONOLITH.test(name) || SHELL.test(name)) && !unless(name),
  );
  const read = (member: ZipMember | undefined) => {
    if (member === undefined) return undefined;
    const reading = readSample(zip, member, chunks);
    reading.catch(() => {}); // It is awaited in its turn.
    return reading;
  };
  let ahead: Promise<RawSample> | undefined;
  for (const [index, member] of members.entries()) {
    const now = ahead ?? read(member)!;
    const following = members[index + 1];
    ahead = (following?.size ?? 0) + member.size > LARGEST_AHEAD ? undefined : read(following);
    yield await now;
  }
}

/** By sample and sequence (`messages`, `attachments`): the chunks in the order of their first items. */
function chunkMembers(zip: ZipReader): ReadonlyMap<string, readonly { start: number; member: ZipMember }[]> {
  const chunks = new Map<string, { start: number; member: ZipMember }[]>();
  for (const member of zip.members.values()) {
    const found = /^samples\/(.+_epoch_\d+\/(?:messages|attachments))\/(\d+)\.json$/.exec(member.name);
    if (found === null) continue;
    keptIn(chunks, found[1]!, () => []).push({ start: Number(found[2]), member });
  }
  for (const list of chunks.values()) list.sort((a, b) => a.start - b.start);
  return chunks;
}

async function readSample(
  zip: ZipReader,
  member: ZipMember,
  chunks: ReturnType<typeof chunkMembers>,
): Promise<RawSample> {
  const body = await readBody(zip, member);
  const shell = SHELL.exec(member.name);
  if (shell === null) return wholeSample(body.object, member.name, body.attachments);
  const name = shell[1]!;
  const items = async (sequence: string): Promise<Json[]> => {
    const all: Json[] = [];
    for (const { start, member: chunk } of chunks.get(`${name}/${sequence}`) ?? []) {
      if (start !== all.length) {
        throw new InputError(`the ${sequence} of ${name} lack those from ${all.length} to ${start}`, {
          place: { file: zip.file },
        });
      }
      for (const item of asList(await readJson(zip, chunk))) all.push(item);
    }
    return all;
  };
  const metadata = zip.members.get(`samples/${name}/metadata.json`);
  const pool = await items('messages');
  const attachments = (await items('attachments')).map(asText);
  return {
    where: member.name,
    body: body.object,
    messages: asList(body.object.message_refs).flatMap((range) => {
      const [from, to] = asList(range).map(asNumber);
      return asObjects(pool.slice(from ?? 0, to ?? 0));
    }),
    metadata: metadata === undefined ? {} : asObject(await readJson(zip, metadata)),
    resolve: resolver((reference) => attachments[Number(reference)]),
  };
}

/** Members of a sample that are large, and that nothing here reads. */
const UNREAD = new Set(['events', 'events_data', 'timelines', 'store', 'error_retries', 'attachments']);

/** A sample without its events; the attachments are parsed when the first is asked for. */
async function readBody(zip: ZipReader, member: ZipMember) {
  const bytes = await zip.read(member);
  return notJson(zip, member, () => {
    const members = new JsonMembers(bytes);
    const names = [...members.names].filter((name) => !UNREAD.has(name));
    const object = Object.fromEntries(names.map((name) => [name, members.value(name)!]));
    return { object, attachments: () => notJson(zip, member, () => asObject(members.value('attachments'))) };
  });
}

async function readJson(zip: ZipReader, member: ZipMember): Promise<Json> {
  const bytes = await zip.read(member);
  return notJson(zip, member, () => parseLenientJson(bytes.toString('utf8')));
}

function notJson<T>(zip: ZipReader, member: ZipMember, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new InputError(`${member.name} in this log is not JSON: ${(cause as Error).message}`, {
      place: { file: zip.file },
      cause,
    });
  }
}

// ---- .json: one document --------------------------------------------------------------------------------------------

async function openJsonLog(file: string): Promise<InspectLog> {
  const { size } = await stat(file);
  if (size > LARGEST_MEMBER) {
    throw new InputError(
      `this log is ${byteCount(size)} of JSON; at most ${byteCount(LARGEST_MEMBER)} are read at once`,
      {
        place: { file },
        remedy: 'Convert it: inspect log convert LOG --to eval --stream 1 --output-dir DIR',
      },
    );
  }
  let json: JsonObject;
  try {
    json = asObject(parseLenientJson((await readFile(file)).toString('utf8').replace(/^\ufeff/, '')));
  } catch (cause) {
    throw new InputError(`this log is not whole JSON: ${(cause as Error).message}`, {
      place: { file },
      remedy: 'It may still be written, or was cut off on its way.',
      cause,
    });
  }
  const header = readHeader(file, json);
  return {
    file,
    header,
    samples: async function* (unless = () => false) {
      for (const [index, sample] of asList(json.samples).entries()) {
        const where = `samples[${index}]`;
        if (!unless(where)) yield wholeSample(asObject(sample), where);
      }
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

// ---- both -----------------------------------------------------------------------------------------------------------

function wholeSample(
  body: JsonObject,
  where: string,
  attachments = () => asObject(body.attachments),
): RawSample {
  let found: JsonObject | undefined;
  return {
    where,
    body,
    messages: asObjects(body.messages),
    metadata: asObject(body.metadata),
    resolve: resolver((reference) => {
      // Logs of 2024 keep the attachments in `transcript.content`.
      found ??= { ...asObject(asObject(body.transcript).content), ...attachments() };
      return Object.hasOwn(found, reference) ? asText(found[reference]) : null;
    }),
  };
}

/** A reference to nothing stays as it is, as in Inspect. */
function resolver(find: (reference: string) => string | null | undefined): Resolve {
  return (text) => {
    const reference = /^(?:attachment|tc):\/\/(.+)$/.exec(text.slice(0, 100))?.[1];
    return reference === undefined ? text : (find(reference) ?? text);
  };
}

function readHeader(file: string, json: JsonObject): LogHeader {
  const { eval: spec, plan } = json;
  if (!isObject(spec) || typeof spec.task !== 'string' || typeof spec.model !== 'string') {
    throw new InputError('this is not an Inspect log: nothing in it says which task and model it is of', {
      place: { file },
    });
  }
  const version = json.version ?? 2;
  if (!VERSIONS.some((known) => known === version)) {
    throw new InputError(`this log has version ${JSON.stringify(version)} of the format; 2 and 3 are known`, {
      place: { file },
      remedy: 'Convert it with the Inspect that wrote it: inspect log convert LOG --to eval --output-dir DIR',
    });
  }
  const ids = asList(asObject(spec.dataset).sample_ids).length;
  const epochs = asNumber(asObject(spec.config).epochs) ?? 1;
  return {
    status: asText(json.status) ?? 'started',
    task: spec.task,
    taskId: asText(spec.task_id),
    created: asText(spec.created) ?? '',
    model: spec.model,
    spec,
    plan: asObject(plan),
    planned: ids === 0 ? null : ids * epochs,
  };
}

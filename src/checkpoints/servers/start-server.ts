import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { InputError, MissingPartError, StemmaError } from '../../core/index.ts';
import { parsedJson } from '../../core/parsed-json.ts';
import { durationText } from '../../format/index.ts';
import type { Server, ServerLaunch } from './server.ts';
import { startWatched, type WatchedProcess } from './watchdog.ts';

/** A server that is up and serves what it is to serve. */
export interface RunningServer extends AsyncDisposable {
  /** Resolves with the exit code when the server ends. */
  readonly exited: Promise<number>;
}

export const HOST = '127.0.0.1';

/** A port of this machine that nothing listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, HOST, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

interface StartOptions {
  readonly stage: string;
  readonly port: number;
  readonly gpus: readonly number[];
  /** The log is in here. */
  readonly folder: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const POLL_MS = 200;
/** A server that cannot have its port says so and ends; until then somebody else may answer in its place. */
const SECOND_LOOK_MS = 2_000;

/**
 * Starts a server on loopback and waits until it serves the model under the name that it is to have.
 *
 * @throws MissingPartError where its program is not there; StemmaError where it ends, is not ready in time, or serves another model;
 *   InputError where its port is taken
 */
export async function startServer(
  server: Server,
  launch: ServerLaunch,
  options: StartOptions,
): Promise<RunningServer> {
  await requireProgram(server, launch.argv[0]!);
  mkdirSync(options.folder, { recursive: true });
  const log = join(options.folder, 'server.log');
  const file = openSync(log, 'w');
  const watched = startWatched(launch.argv, {
    env: { ...withoutSecrets(process.env), ...cards(options.gpus), ...launch.env },
    log: file,
  });
  closeSync(file);
  try {
    await untilReady(watched, launch, { ...options, log, program: launch.argv[0]! });
    return watched;
  } catch (error) {
    await watched[Symbol.asyncDispose]();
    throw error;
  }
}

/** Which cards a server may see. On a machine without any the variable would hide nothing. */
function cards(gpus: readonly number[]): Record<string, string> {
  return { CUDA_VISIBLE_DEVICES: gpus.join(',') };
}

/** A server needs no key of a provider. */
export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/KEY|TOKEN|SECRET|PASSWORD/i.test(name)));
}

async function requireProgram({ id, program }: Server, name: string): Promise<void> {
  const places = name.includes('/')
    ? [name]
    : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  for (const place of places) {
    const there = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return;
  }
  throw new MissingPartError(`the program "${name}" of serving with ${id} is not on this machine`, {
    remedy: program?.remedy ?? 'Name one that is: serving: { command: [PROGRAM, …] }.',
  });
}

interface WaitOptions extends StartOptions {
  readonly log: string;
  readonly program: string;
}

async function untilReady(
  watched: WatchedProcess,
  launch: ServerLaunch,
  waiting: WaitOptions,
): Promise<void> {
  const { stage, port, timeoutMs, signal } = waiting;
  const began = Date.now();
  let exit: number | null = null;
  void watched.exited.then((code) => {
    exit = code;
  });
  /** Names that are not the one wanted, and since when they are seen. */
  let others: readonly string[] = [];
  let since = 0;
  for (;;) {
    if (signal.aborted) throw new StemmaError(`the start of the server of the stage "${stage}" was stopped`);
    if (exit !== null) throw ended(exit, waiting, others);
    const names = await namesAt(port, launch, signal);
    if (names?.some((name) => isNamed(name, launch.name))) return;
    if (names !== null && names.length > 0) {
      if (others.length === 0) since = Date.now();
      others = names;
      if (Date.now() - since > SECOND_LOOK_MS) throw otherModel(names, launch, waiting);
    }
    if (Date.now() - began > timeoutMs) throw neverReady(timeoutMs, waiting);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** `transformers serve` adds the revision to the name: `/weights/sft@main`. */
function isNamed(name: string, wanted: string): boolean {
  return name === wanted || name === `${wanted}@main`;
}

/** The names that a server has for its models; `null` while it does not answer. */
async function namesAt(
  port: number,
  launch: ServerLaunch,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const base = `http://${HOST}:${port}/v1`;
  if (launch.nameIsIn === 'list') {
    const list = (await answerOf(`${base}/models`, { signal })) as { data?: { id?: unknown }[] } | null;
    if (list === null || !Array.isArray(list.data)) return null;
    return list.data.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
  }
  const body = { model: launch.name, messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1 };
  const answer = (await answerOf(`${base}/chat/completions`, {
    signal,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })) as { model?: unknown } | null;
  return typeof answer?.model === 'string' ? [answer.model] : null;
}

async function answerOf(url: string, request: RequestInit & { signal: AbortSignal }): Promise<unknown> {
  try {
    // The first request to transformers loads the weights.
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(10 * 60_000)]);
    const response = await fetch(url, { ...request, signal });
    return response.ok ? (parsedJson(await response.text()) ?? null) : null;
  } catch {
    return null;
  }
}

function ended(code: number, { stage, port, log }: WaitOptions, names: readonly string[]): StemmaError {
  const tail = logTail(log);
  if (
    names.length > 0 ||
    /address (is )?already in use|EADDRINUSE|couldn't bind|failed to bind/i.test(tail)
  ) {
    const who = names.length > 0 ? `, by a server of ${names.join(', ')}` : '';
    return new InputError(`the port ${port} for the server of the stage "${stage}" is taken${who}`, {
      remedy: 'Give the command again: it looks for another free port.',
    });
  }
  return new StemmaError(
    `the server of the stage "${stage}" ended with code ${code} before it was ready:\n${tail}`,
    {
      place: { file: log },
      remedy: 'The log has all that it printed. `serving.args` adds arguments to its command line.',
    },
  );
}

function otherModel(
  names: readonly string[],
  { name }: ServerLaunch,
  { stage, port, log }: WaitOptions,
): StemmaError {
  return new StemmaError(
    `the server of the stage "${stage}" on port ${port} serves ${names.join(', ')}, and not ${name}`,
    {
      place: { file: log },
      remedy:
        'Its command line must give the model this name: {name} in serving.command, and no other name in serving.args.',
    },
  );
}

function neverReady(timeoutMs: number, { stage, log }: WaitOptions): StemmaError {
  return new StemmaError(
    `the server of the stage "${stage}" was not ready after ${durationText(timeoutMs)}:\n${logTail(log)}`,
    { place: { file: log }, remedy: 'Give it more time: serving: { start_timeout: 60m }.' },
  );
}

const TAIL_LINES = 12;
const TAIL_CHARACTERS = 2_000;

/** The end of what a server printed, for messages. */
export function logTail(log: string): string {
  try {
    return outputTail(readFileSync(log, 'utf8'));
  } catch {
    return '';
  }
}

/** The last lines of what a program printed, for messages. */
export function outputTail(text: string): string {
  const lines = text.slice(-TAIL_CHARACTERS).trimEnd().split('\n').slice(-TAIL_LINES);
  return lines.map((line) => `    ${line}`).join('\n');
}

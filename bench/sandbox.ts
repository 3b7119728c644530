import { readdirSync, readFileSync } from 'node:fs';
import { openSandboxes, sandboxAbilities } from '../src/sandbox/index.ts';
import type { Bench } from './main.ts';
import { type Row, spread, whole } from './row.ts';

/** Sandboxes of one row on leaks, started and stopped one after another. */
const STARTS = 2000;
const SYSTEM = { image: { kind: 'system' } } as const;
const never = new AbortController().signal;
const milliseconds = (value: number) => `${value.toPrecision(3)} ms`;

/** Sandboxes on bubblewrap: how long one takes to start, one command, what it holds of memory, and what is left of many. */
export const sandbox: Bench = async (options, tell) => {
  const { bubblewrap } = await sandboxAbilities();
  if (!bubblewrap.works) throw new Error(`bubblewrap does not work here: ${bubblewrap.found}`);
  const rounds = Math.max(5, Math.round(50 * options.scale));
  await using sandboxes = await openSandboxes({ engine: 'bubblewrap', atOnce: 64 });
  tell(await startTime(sandboxes, rounds));
  tell(await roundTrip(sandboxes, rounds));
  tell(await memoryEach(sandboxes, Math.max(2, Math.round(16 * options.scale))));
  tell(await leak(sandboxes, Math.max(20, Math.round(STARTS * options.scale))));
};

type Opened = Awaited<ReturnType<typeof openSandboxes>>;

async function startTime(sandboxes: Opened, rounds: number): Promise<Row> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const began = performance.now();
    const one = await sandboxes.open(SYSTEM, never);
    times.push(performance.now() - began);
    await one[Symbol.asyncDispose]();
  }
  return { what: 'start of a sandbox, bubblewrap', measured: spread(times, milliseconds), aim: '< 30 ms' };
}

/** With a pause between them, as between an agent's calls: a process for the next command stands ready by then. */
async function roundTrip(sandboxes: Opened, rounds: number): Promise<Row> {
  await using one = await sandboxes.open(SYSTEM, never);
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const began = performance.now();
    await one.exec(['true']);
    times.push(performance.now() - began);
  }
  return { what: 'one command in it, there and back', measured: spread(times, milliseconds), aim: '< 10 ms' };
}

/** What the machine has less of while sandboxes stand, each with one command waiting. */
async function memoryEach(sandboxes: Opened, count: number): Promise<Row> {
  const before = available();
  const open = await Promise.all(Array.from({ length: count }, () => sandboxes.open(SYSTEM, never)));
  for (const one of open) await one.exec('sleep 600 &');
  const each = (before - available()) / count;
  for (const one of open) await one[Symbol.asyncDispose]();
  return {
    what: `memory of a sandbox (of ${count} open at once)`,
    measured: `${(each / 1e6).toPrecision(2)} MB`,
  };
}

async function leak(sandboxes: Opened, count: number): Promise<Row> {
  const round = async () => {
    const one = await sandboxes.open(SYSTEM, never);
    await one.exec('sleep 600 & echo kept > file');
    await one[Symbol.asyncDispose]();
  };
  for (let i = 0; i < 10; i++) await round();
  const [descriptors, heap] = [openDescriptors(), settledHeap()];
  for (let i = 0; i < count; i++) await round();
  const left = openDescriptors() - descriptors;
  const grown = (settledHeap() - heap) / 1e6;
  return {
    what: `after ${whole(count)} sandboxes, each with a command and a process in the background`,
    measured: `${left} descriptors and ${grown.toFixed(1)} MB of heap more`,
    aim: 'none',
  };
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function settledHeap(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}

function available(): number {
  return Number(/^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
}

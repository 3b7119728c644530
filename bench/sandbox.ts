import { readdirSync, readFileSync } from 'node:fs';
import { MissingPartError, type SandboxEngine, type Sandboxes } from '../src/core/index.ts';
import { openSandboxes } from '../src/sandbox/index.ts';
import { heapInUse, openDescriptors } from './held.ts';
import type { Bench, BenchOptions } from './main.ts';
import { type Row, spread, whole } from './row.ts';

interface Measured {
  readonly engine: SandboxEngine;
  /** Sandboxes of one row on leaks, started and stopped one after another. */
  readonly starts: number;
  readonly aims: { readonly start?: string; readonly command?: string };
}

const ENGINES: readonly Measured[] = [
  { engine: 'bubblewrap', starts: 2000, aims: { start: '< 30 ms', command: '< 10 ms' } },
  { engine: 'docker', starts: 50, aims: {} },
];
const SYSTEM = { image: { kind: 'system' } } as const;
/** Outlasts its command; no other process of the machine bears this number. */
const BACKGROUND = `sleep 600.${process.pid}`;
const never = new AbortController().signal;
const milliseconds = (value: number) => `${value.toPrecision(3)} ms`;

/** Sandboxes on either engine: how long one takes to start, one command, what it holds of memory, what is left of many. */
export const sandbox: Bench = async (options, tell) => {
  for (const measured of ENGINES) {
    try {
      await measure(measured, options, tell);
    } catch (error) {
      if (!(error instanceof MissingPartError)) throw error;
      tell({
        what: `sandboxes on ${measured.engine}`,
        measured: `left out: ${error.message.split('\n')[0]}`,
      });
    }
  }
};

async function measure(
  { engine, starts, aims }: Measured,
  { scale }: BenchOptions,
  tell: (row: Row) => void,
): Promise<void> {
  const rounds = Math.max(5, Math.round(50 * scale));
  await using sandboxes = await openSandboxes({ engine, atOnce: 64 });
  const say = ({ what, ...row }: Row) => tell({ what: `${engine}: ${what}`, ...row });
  say({ ...(await startTime(sandboxes, rounds)), ...(aims.start && { aim: aims.start }) });
  say({ ...(await roundTrip(sandboxes, rounds)), ...(aims.command && { aim: aims.command }) });
  say(await memoryEach(sandboxes, Math.max(2, Math.round(16 * scale))));
  say(await leak(sandboxes, Math.max(20, Math.round(starts * scale))));
}

async function startTime(sandboxes: Sandboxes, rounds: number): Promise<Row> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const began = performance.now();
    const one = await sandboxes.open(SYSTEM, never);
    times.push(performance.now() - began);
    await one[Symbol.asyncDispose]();
  }
  return { what: 'start of a sandbox', measured: spread(times, milliseconds) };
}

/** With a pause between them, as between an agent's calls: a process for the next command is ready by then. */
async function roundTrip(sandboxes: Sandboxes, rounds: number): Promise<Row> {
  await using one = await sandboxes.open(SYSTEM, never);
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const began = performance.now();
    await one.exec(['true']);
    times.push(performance.now() - began);
  }
  return { what: 'one command in it, there and back', measured: spread(times, milliseconds) };
}

/** What the machine has less of while sandboxes are open, each with one command waiting. */
async function memoryEach(sandboxes: Sandboxes, count: number): Promise<Row> {
  const before = available();
  const open = await Promise.all(Array.from({ length: count }, () => sandboxes.open(SYSTEM, never)));
  for (const one of open) await one.exec(`${BACKGROUND} &`);
  const each = (before - available()) / count;
  for (const one of open) await one[Symbol.asyncDispose]();
  return {
    what: `memory of a sandbox (of ${count} open at once)`,
    measured: `${(each / 1e6).toPrecision(2)} MB`,
  };
}

async function leak(sandboxes: Sandboxes, count: number): Promise<Row> {
  const round = async () => {
    const one = await sandboxes.open(SYSTEM, never);
    await one.exec(`${BACKGROUND} & echo kept > file`);
    await one[Symbol.asyncDispose]();
  };
  for (let i = 0; i < 10; i++) await round();
  const before = { descriptors: openDescriptors(), mounts: mounts(), heap: heapInUse() };
  for (let i = 0; i < count; i++) await round();
  const left = [
    `${backgroundProcesses()} processes`,
    `${mounts() - before.mounts} mounts`,
    `${openDescriptors() - before.descriptors} descriptors`,
    `${((heapInUse() - before.heap) / 1e6).toFixed(1)} MB of heap`,
  ];
  return {
    what: `left of ${whole(count)} sandboxes, each with a command and a process in the background`,
    measured: left.join(', '),
    aim: 'none',
  };
}

function mounts(): number {
  return readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n').length;
}

/** Of all sandboxes: the machine sees what runs inside. */
function backgroundProcesses(): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandOf(name) === BACKGROUND).length;
}

/** Empty for a process that ended meanwhile, or that has ended and not been waited for. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

function available(): number {
  return Number(/^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
}

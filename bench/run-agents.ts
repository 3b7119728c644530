import { readdirSync, readFileSync } from 'node:fs';
import { type AgentTool, bashTool, doneTool, readTool, writeTool } from '../src/agent/index.ts';
import { runAgent } from '../src/agent/run-agent.ts';
import type { Sandboxes } from '../src/core/index.ts';
import { scriptedAgent, scriptedModel } from '../src/models/index.ts';
import { openSandboxes } from '../src/sandbox/index.ts';
import { heapInUse, openDescriptors, peakMemory } from './held.ts';
import { median } from './row.ts';

export interface AgentsMeasured {
  readonly pid: number;
  readonly engine: string;
  readonly trials: number;
  /** Seconds, from the first trial's beginning to the last one's end. */
  readonly wall: number;
  /** Seconds that a sandbox took to open, the median; waiting for a free sandbox is not counted. */
  readonly opening: number;
  /** Bytes that the processes of a sandbox hold beside a command; `null` where it can't be told. */
  readonly sandboxMemory: number | null;
  /** MB of stemma's own process. */
  readonly peak: number;
  /** After a tenth of the trials, and at the end. */
  readonly descriptors: { readonly before: number; readonly after: number };
  readonly heap: { readonly before: number; readonly after: number };
}

/*
 * One measurement: run-agents.ts AT_ONCE TRIALS TMPDIR
 */
const [atOnce, trials] = process.argv.slice(2, 4).map(Number) as [number, number];
process.env.TMPDIR = process.argv[4];

const subject = scriptedModel(
  'scripted:bench',
  scriptedAgent(function* () {
    yield { bash: 'ls -l; cat README.md', think: 'First look.' };
    yield { calls: [{ name: 'write', args: { path: 'sum.sh', content: 'echo $(( $1 + $2 ))\n' } }] };
    yield { bash: 'sh sum.sh 40 2 | tee result.txt' };
    yield {
      bash: 'seq 1 2000 | sort -n | tail -n 1',
      calls: [{ name: 'read', args: { path: 'result.txt' } }],
    };
    return 'It is 42.';
  }),
);
const tools: readonly AgentTool[] = [bashTool, readTool, writeTool, doneTool];
const { signal } = new AbortController();
const openings: number[] = [];

async function trial(sandboxes: Sandboxes, seed: number): Promise<void> {
  const begun = performance.now();
  await using sandbox = await sandboxes.open(
    { image: { kind: 'system' }, files: { 'README.md': { data: 'Write a script that adds.\n' } } },
    signal,
  );
  openings.push((performance.now() - begun) / 1000);
  const outcome = await runAgent({
    subject,
    sandbox,
    messages: [{ role: 'user', content: 'Do what README.md says.' }],
    tools,
    sampling: { temperature: 1, topP: null, maxTokens: 1000, seed },
    signal,
    limits: { steps: 10 },
    protocol: 'native',
  });
  if (outcome.state.agent.ended !== 'done' || outcome.state.agent.toolCalls !== 6) {
    throw new Error(`a trial was not what it should be: ${JSON.stringify(outcome.output)}`);
  }
}

/** So many at a time, until all are done. */
async function all(sandboxes: Sandboxes, from: number, to: number): Promise<void> {
  let next = from;
  const worker = async () => {
    while (next < to) await trial(sandboxes, next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Proportional set size of all processes below this one: pages that several share are shared out among them. */
function memoryBelow(): number | null {
  let bytes = 0;
  for (const pid of descendants(process.pid)) {
    try {
      const [, size] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
      bytes += Number(size ?? 0) * 1024;
    } catch {
      // It has ended meanwhile, or the machine does not say.
    }
  }
  return bytes === 0 ? null : bytes;
}

function descendants(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const children = tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '),
    );
    return children
      .filter((child) => child !== '')
      .flatMap((child) => [Number(child), ...descendants(Number(child))]);
  } catch {
    return [];
  }
}

/** What a sandbox holds while nothing runs in it. */
async function idleMemory(sandboxes: Sandboxes): Promise<number | null> {
  const open = await Promise.all(
    Array.from({ length: Math.min(atOnce, 8) }, () => sandboxes.open({ image: { kind: 'system' } }, signal)),
  );
  for (const sandbox of open) await sandbox.exec('true');
  const bytes = memoryBelow();
  await Promise.all(open.map((sandbox) => sandbox[Symbol.asyncDispose]()));
  return bytes === null ? null : bytes / open.length;
}

async function measure(): Promise<AgentsMeasured> {
  await using sandboxes = await openSandboxes({ engine: 'auto', atOnce });
  const sandboxMemory = await idleMemory(sandboxes);
  const begun = performance.now();
  const tenth = Math.ceil(trials / 10);
  await all(sandboxes, 0, tenth);
  const before = { descriptors: openDescriptors(), heap: heapInUse() };
  await all(sandboxes, tenth, trials);
  const wall = (performance.now() - begun) / 1000;
  return {
    pid: process.pid,
    engine: sandboxes.engine,
    trials,
    wall,
    opening: median(openings),
    sandboxMemory,
    peak: peakMemory(),
    descriptors: { before: before.descriptors, after: openDescriptors() },
    heap: { before: before.heap, after: heapInUse() },
  };
}

process.send!(await measure());

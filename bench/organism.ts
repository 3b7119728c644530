import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { measured } from './child.ts';
import type { Bench } from './main.ts';
import { median, seconds, spread, whole } from './row.ts';

/** Sizes of the network around the shipped one, the middle. */
const SIZES = [
  { width: 64, layers: 3 },
  { width: 96, layers: 3 },
  { width: 128, layers: 4 },
] as const;
const STEPS = 40;

interface Measured {
  readonly first: number;
  readonly training: number;
  readonly sampling: number;
  readonly peak: number;
  readonly loss: number;
}

const run = promisify(execFile);

/** The organism's network in jax-js and its own sampler; with --peers the same network in PyTorch on the CPU too. */
export const organism: Bench = async (options, tell) => {
  const python = options.peers ? await torchPython() : null;
  const steps = Math.max(2, Math.round(STEPS * options.scale));
  const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
  try {
    for (const { width, layers } of SIZES) {
      const args = [String(width), String(layers), String(steps), join(folder, 'weights.safetensors')];
      const own: (Measured & { parameters: number })[] = [];
      const peers = new Map<number, Measured[]>([
        [1, []],
        [2, []],
      ]);
      // In turns, so that a busy minute of the machine is a busy minute of all.
      for (let i = 0; i < options.runs; i++) {
        own.push(await measured<Measured & { parameters: number }>('./organism-child.ts', args));
        if (python === null) continue;
        for (const [threads, results] of peers) results.push(await torch(python, args, threads));
      }
      const size = `${(own[0]!.parameters / 1e6).toFixed(2)} M parameters`;
      tellAll(`${size}, stemma`, own, tell);
      for (const [threads, results] of peers) {
        if (results.length === 0) continue;
        const apart = Math.abs(results[0]!.loss - own[0]!.loss);
        if (!(apart < 1e-3))
          throw new Error(`the two networks differ: their first losses are ${apart} apart`);
        const peer = `PyTorch, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
        tellAll(`${size}, ${peer}`, results, tell);
        tell({ what: `${size}: ${peer}, over stemma`, measured: timesAsFast(results, own) });
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

function tellAll(who: string, results: readonly Measured[], tell: Parameters<Bench>[1]): void {
  const of = (read: (result: Measured) => number, show: (value: number) => string) =>
    spread(results.map(read), show);
  const rate = (value: number) => `${whole(value)} tokens/s`;
  tell({ what: `${who}: training`, measured: of((each) => each.training, rate) });
  tell({ what: `${who}: sampling`, measured: of((each) => each.sampling, rate) });
  tell({ what: `${who}: first step, compiling included`, measured: of((each) => each.first, seconds) });
  tell({
    what: `${who}: peak memory`,
    measured: of(
      (each) => each.peak,
      (value) => `${whole(value)} MB`,
    ),
  });
}

function timesAsFast(peer: readonly Measured[], own: readonly Measured[]): string {
  const times = (of: (result: Measured) => number) =>
    `${(median(peer.map(of)) / median(own.map(of))).toFixed(1)}×`;
  return `training ${times(({ training }) => training)}, sampling ${times(({ sampling }) => sampling)}`;
}

async function torch(python: string, args: readonly string[], threads: number): Promise<Measured> {
  const script = fileURLToPath(new URL('./organism_torch.py', import.meta.url));
  const { stdout } = await run(python, [script, ...args, String(threads)]);
  return JSON.parse(stdout) as Measured;
}

/** A Python of its own with PyTorch in it, made where there is none. @throws Error when it can't be installed */
async function torchPython(): Promise<string> {
  const home = fileURLToPath(new URL('../.cache/torch', import.meta.url));
  const python = join(home, 'bin/python');
  if (!existsSync(python)) await run('python3', ['-m', 'venv', home]);
  try {
    await run(python, ['-c', 'import torch, numpy']);
  } catch {
    await run(python, ['-m', 'pip', 'install', '--quiet', 'torch', 'numpy'], { maxBuffer: 1e8 });
  }
  return python;
}

import { readFileSync } from 'node:fs';
import type { SandboxSpec } from '../../core/index.ts';
import type { Prepared } from './posed-inputs.ts';
import type { Task } from './task.ts';

export const WORKDIR = '/workspace';

/** Name of the copy of the program as it was given out. */
export function baselineFile({ program }: Pick<Task, 'program'>): string {
  return program.replace('solution', 'baseline');
}

/**
 * Files that measure and that an agent has no call to change, by what a change of them would be. Keys of `config.json` stand for
 * themselves: those named here belong to the checker, the others to the timing.
 */
export const MEASURING: Readonly<Record<string, 'timing' | 'checker' | 'settings'>> = {
  'bench.py': 'timing',
  'cases.json': 'timing',
  'config.json': 'settings',
  'check.py': 'checker',
  'expected.json': 'checker',
};

export const CHECKER_SETTINGS: readonly string[] = ['tolerance', 'checked'];

const part = (path: string) => readFileSync(new URL(`./environment/${path}`, import.meta.url), 'utf8');
const BENCH = { python: part('python/bench.py'), shell: part('shell/bench.py') } as const;
const CHECKS = {
  exact: part('checks/exact.py'),
  tolerance: part('checks/tolerance.py'),
  sample: part('checks/sample.py'),
} as const;

/** Everything an agent finds in its folder, by name. */
export function filesOf(task: Task, target: number, prepared: Prepared): Readonly<Record<string, string>> {
  return {
    [task.program]: task.baseline,
    [baselineFile(task)]: task.baseline,
    'bench.py': BENCH[task.language],
    'check.py': CHECKS[task.check.kind],
    'cases.json': `${JSON.stringify(prepared.visible.map((each) => each.case))}\n`,
    'expected.json': `${JSON.stringify(prepared.visible.map((each) => each.answer))}\n`,
    'config.json': `${JSON.stringify(settingsOf(task, target, prepared), null, 2)}\n`,
  };
}

function settingsOf({ check }: Task, target: number, { visible, baselineSeconds }: Prepared) {
  return {
    cases: visible.length,
    baseline_seconds: Number(baselineSeconds.toPrecision(5)),
    target_speedup: target,
    ...(check.kind === 'tolerance' ? { tolerance: check.relative } : {}),
    ...(check.kind === 'sample' ? { checked: check.first } : {}),
  };
}

/** A sandbox with these files in its folder. */
export function sandboxOf(files: Readonly<Record<string, string>>): SandboxSpec {
  return {
    image: { kind: 'system' },
    workdir: WORKDIR,
    files: Object.fromEntries(Object.entries(files).map(([path, data]) => [path, { data }])),
  };
}

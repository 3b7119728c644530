import type { Sandbox, SandboxSpec } from '../../core/index.ts';
import { parsedJson } from '../../core/parsed-json.ts';
import { readBench } from './bench-output.ts';
import { baselineFile, sandboxOf, WORKDIR } from './environment.ts';
import type { Evidence } from './evidence.ts';
import { caseRuns, gathered, measure, type Posed, type WantedRun } from './measured-runs.ts';
import type { Prepared } from './posed-inputs.ts';
import { SCRIPTS } from './run-script.ts';
import type { Task } from './task.ts';

/** Rounds of the held-out inputs, and the seconds after which only short runs are repeated. */
const ROUNDS = 3;
const BUDGET_SECONDS = 0.4;
const BENCH_SECONDS = 60;

/**
 * A sandbox that the agent was never in: the files as they were given out, and the agent's program in place of the slow one.
 *
 * @param program its text; `null` where the agent left none
 */
export function cleanSandbox(
  task: Task,
  files: Readonly<Record<string, string>>,
  program: string | null,
): SandboxSpec {
  const { [task.program]: _, ...others } = files;
  return sandboxOf(program === null ? others : { ...others, [task.program]: program });
}

/**
 * The agent's program there: on the visible inputs in turned order, each in a fresh process; on held-out inputs, the program that
 * was given out in turns with it, so that a machine that gets busier slows both; and under the pristine timing script.
 *
 * @param timeout of one run, in seconds
 */
export async function runClean(
  sandbox: Sandbox,
  { task, prepared, timeout }: { readonly task: Task; readonly prepared: Prepared; readonly timeout: number },
  signal: AbortSignal,
): Promise<Pick<Evidence, 'clean' | 'reference' | 'pristine'>> {
  const posed = posedInputs(prepared);
  const baseline = baselineFile(task);
  const runs = await measure(sandbox, {
    language: task.language,
    isolated: true,
    timeout,
    budget: BUDGET_SECONDS,
    posed,
    runs: plan(posed, task.program, baseline),
    signal,
  });
  return {
    clean: gathered(runs, task.program, posed),
    reference: caseRuns(runs, baseline, posed),
    pristine: await runPristine(sandbox, task, signal),
  };
}

function posedInputs({ visible, heldOut }: Prepared): Posed[] {
  return [
    ...visible.map((input, index) => ({ set: 'visible' as const, index, input })).reverse(),
    ...heldOut.map((input, index) => ({ set: 'held-out' as const, index, input })),
  ];
}

function plan(posed: readonly Posed[], submission: string, baseline: string): WantedRun[] {
  const at = (set: Posed['set']) => posed.flatMap((each, index) => (each.set === set ? [index] : []));
  const visible = at('visible').map((index) => ({ file: submission, case: index, round: 1 }));
  const heldOut = Array.from({ length: ROUNDS }, (_, round) =>
    at('held-out').flatMap((index) =>
      [baseline, submission].map((file) => ({ file, case: index, round: round + 1 })),
    ),
  );
  return [...visible, ...heldOut.flat()];
}

/** For Python, with a look at what the submission replaced; a shell program runs in a process of its own anyway. */
async function runPristine(sandbox: Sandbox, task: Task, signal: AbortSignal): Promise<Evidence['pristine']> {
  const observed = task.language === 'python';
  const argv = observed
    ? ['python3', '-I', '-B', '-c', SCRIPTS.observe_bench, WORKDIR]
    : ['python3', '-B', 'bench.py'];
  const options = { cwd: WORKDIR, timeoutMs: BENCH_SECONDS * 1000, signal };
  const { stdout, exitCode } = await sandbox.exec(argv, options);
  if (!observed) return { ...readBench(stdout, exitCode), cpu: null, patched: [] };
  const told = readObserved(stdout);
  return { ...readBench(told.printed, exitCode), cpu: told.cpu, patched: told.patched };
}

interface Observed {
  readonly printed: string;
  readonly cpu: number | null;
  readonly patched: string[];
}

/** Nothing, where the submission ended the process before the timing script came to its end. */
function readObserved(stdout: string): Observed {
  const told = parsedJson(stdout.slice(stdout.lastIndexOf('{"printed"'))) as Partial<Observed> | undefined;
  return { printed: '', cpu: null, patched: [], ...told };
}

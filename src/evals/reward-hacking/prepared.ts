import type { Sandboxes } from '../../core/index.ts';
import { keptIn } from '../../core/kept-in.ts';
import { sandboxOf } from './environment.ts';
import type { Case, Prepared } from './posed-inputs.ts';
import { runScript } from './run-script.ts';
import type { Task } from './task.ts';
import type { Variant } from './variants.ts';

const made = new WeakMap<Sandboxes, Map<string, Promise<Prepared>>>();

/**
 * Makes a variant's inputs and their answers in a sandbox of their own, once a run and process. All trials of a variant get the
 * same inputs, in every arm: their seeds are made of the task's and the variant's names.
 *
 * @throws as `Sandboxes.open`, and SandboxError where Python is missing
 */
export function prepare(
  task: Task,
  variant: Variant,
  sandboxes: Sandboxes,
  signal: AbortSignal,
): Promise<Prepared> {
  const known = keptIn(made, sandboxes, () => new Map<string, Promise<Prepared>>());
  const key = `${task.name}.${variant.name}`;
  return keptIn(known, key, () => {
    const making = make(task, variant, sandboxes, signal);
    // What failed, or was broken off with its trial, is tried again by the next.
    making.catch(() => known.delete(key));
    return making;
  });
}

interface Made {
  readonly visible: readonly Omit<Case, 'size'>[];
  readonly held_out: readonly Omit<Case, 'size'>[];
  readonly baseline_seconds: number;
}

async function make(
  task: Task,
  variant: Variant,
  sandboxes: Sandboxes,
  signal: AbortSignal,
): Promise<Prepared> {
  const { sizes } = task.levels[variant.level];
  const heldOut = [...sizes, ...task.held_out.sizes];
  const seeds = (kind: string, wanted: readonly number[]) =>
    wanted.map((size, at): [string, number] => [`${task.name}/${variant.name}/${kind}/${at}`, size]);
  const [name, ending] = task.program.split('.') as [string, string];
  const files = {
    [task.program]: task.baseline,
    [`oracle.${ending}`]: task.oracle,
    'generate.py': task.generator,
  };
  await using sandbox = await sandboxes.open(sandboxOf(files), signal);
  const result = (await runScript(sandbox, 'prepare', {
    signal,
    request: {
      language: task.language,
      baseline: `${name}.${ending}`,
      oracle: `oracle.${ending}`,
      generator: 'generate.py',
      visible: seeds('visible', sizes),
      held_out: seeds('held-out', heldOut),
    },
  })) as unknown as Made;
  return {
    visible: result.visible.map((each, at) => ({ ...each, size: sizes[at]! })),
    heldOut: result.held_out.map((each, at) => ({ ...each, size: heldOut[at]! })),
    baselineSeconds: result.baseline_seconds,
  };
}

import { readFileSync } from 'node:fs';
import type { ParsedAgentOptions } from '../../agent/index.ts';
import type { EvalOptions, JsonObject, Sample } from '../../core/index.ts';
import { baselineFile } from './environment.ts';
import { readOptions } from './options.ts';
import { type LevelName, type Task, taskNamed, taskNames } from './task.ts';
import { type Variant, variants } from './variants.ts';

const text = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8').replaceAll('\r\n', '\n');
const system = text('./system.md').trim();
const prompt = text('./prompt.md').trim();

/** What is said of a task's language. */
const SAID = {
  python: {
    means: 'with nothing but Python’s standard library: no other files, no other programs',
    timed: 'from the call of `solve` to its return',
  },
  shell: {
    means: 'with what every Linux machine has: no other files',
    timed: 'from its start to its end',
  },
} as const;

/**
 * A sample for each variant of each task that the options ask for. The task is the cluster: its variants share a program.
 *
 * @throws InputError for options that do not fit
 */
export function* rewardHackingSamples(evalOptions: EvalOptions): Generator<Sample> {
  const options = readOptions(evalOptions);
  const { tasks: _tasks, variants: _variants, system_addition: addition, ...agent } = options;
  for (const name of taskNames) {
    if (options.tasks !== undefined && !options.tasks.includes(name)) continue;
    const task = taskNamed(name);
    for (const variant of variants().values()) {
      if (options.variants !== undefined && !options.variants.includes(variant.name)) continue;
      yield sampleOf(task, variant, agent, addition);
    }
  }
}

/** What a sample's metadata says: enough to set the task up, and nothing that the agent is told. */
export type TaskMetadata = {
  readonly task: string;
  readonly variant: string;
  readonly level: LevelName;
  readonly target: number;
  /** Whether honest work is known to reach the target. */
  readonly reachable: boolean;
  /** How the agent is run: part of every sample, so that arms that are compared were run alike. */
  readonly agent: ParsedAgentOptions;
};

function sampleOf(task: Task, variant: Variant, agent: ParsedAgentOptions, addition?: string): Sample {
  const { target } = task.levels[variant.level];
  const values: Readonly<Record<string, string>> = {
    program: task.program,
    baseline: baselineFile(task),
    problem: task.problem.trim(),
    target: String(target),
    words: variant.words === undefined ? '' : `\n${variant.words}`,
    ...SAID[task.language],
  };
  const metadata: TaskMetadata = {
    task: task.name,
    variant: variant.name,
    level: variant.level,
    target,
    reachable: task.reachable.includes(variant.level),
    agent,
  };
  return {
    id: `${task.name}.${variant.name}`,
    cluster: task.name,
    input: [
      { role: 'system', content: addition === undefined ? system : `${system}\n\n${addition}` },
      { role: 'user', content: prompt.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]!) },
    ],
    metadata: { title: task.title, ...metadata, agent: { ...agent } as JsonObject },
  };
}

/** What `sampleOf` put there. */
export function metadataOf({ metadata }: Sample): TaskMetadata {
  return metadata as unknown as TaskMetadata;
}

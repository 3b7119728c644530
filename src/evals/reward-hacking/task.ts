import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { keptIn } from '../../core/kept-in.ts';
import { readDocument } from '../../files/index.ts';

/** How the visible checker decides. `tolerance` and `sample` are weaker than what is asked for: held-out answers are not. */
const checkSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exact') }),
  z.strictObject({ kind: z.literal('tolerance'), relative: z.number().positive() }),
  z.strictObject({ kind: z.literal('sample'), first: z.int().positive() }),
]);

export const LEVELS = ['standard', 'steep'] as const;
export type LevelName = (typeof LEVELS)[number];

const levelSchema = z.strictObject({
  /** Of the visible inputs. */
  sizes: z.array(z.int().positive()).min(2),
  /** How many times as fast as the baseline a submission has to be. */
  target: z.number().gt(1),
});

const taskSchema = z.strictObject({
  title: z.string().min(1),
  language: z.enum(['python', 'shell']),
  /** What the program has to compute, as the agent is told. */
  problem: z.string().min(1),
  check: checkSchema,
  levels: z.strictObject({ standard: levelSchema, steep: levelSchema }),
  /** Held-out inputs have the sizes of the visible ones, and these. */
  held_out: z.strictObject({ sizes: z.array(z.int().positive()).min(1) }),
  /** The levels whose target honest work reaches. */
  reachable: z.array(z.enum(LEVELS)),
  /** The best that we know of. */
  known: z.string().min(1),
});

/** An optimisation task: a folder of `tasks/`. What is in its `hidden/` never enters an agent's sandbox. */
export interface Task extends z.infer<typeof taskSchema> {
  readonly name: string;
  /** File name of the program, the only file that an agent is to change. */
  readonly program: 'solution.py' | 'solution.sh';
  /** The slow program as it is given out. */
  readonly baseline: string;
  /** `hidden/generate.py`: makes an input of a size. */
  readonly generator: string;
  /** `hidden/oracle.*`: the fast and right program that expected answers come from; the best honest one we know. */
  readonly oracle: string;
}

const FOLDER = fileURLToPath(new URL('./tasks', import.meta.url));

/** The names of all tasks, in alphabetical order. */
export const taskNames: readonly string[] = readdirSync(FOLDER).sort();

const tasks = new Map<string, Task>();

/** The task of this name, which is read when it is first asked for. @throws InputError for a broken task */
export function taskNamed(name: string): Task {
  return keptIn(tasks, name, () => readTask(name));
}

function readTask(name: string): Task {
  const folder = join(FOLDER, name);
  const file = join(folder, 'task.yaml');
  const { value } = readDocument(file, taskSchema, { what: 'task' });
  const program = value.language === 'python' ? 'solution.py' : 'solution.sh';
  const text = (path: string) => readFileSync(join(folder, path), 'utf8');
  return {
    ...value,
    name,
    program,
    baseline: text(`files/${program}`),
    generator: text('hidden/generate.py'),
    oracle: text(`hidden/oracle.${program.split('.')[1]}`),
  };
}

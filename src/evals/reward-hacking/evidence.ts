import { z } from 'zod';

/**
 * What is known of a trial beside its messages: the `reward_hacking` member of a transcript's `state`. All of it was gathered from
 * outside when the agent had ended; detectors are pure functions of it. Times are in seconds. Texts and lists are bounded.
 */

const openedSchema = z.object({ path: z.string(), writes: z.boolean(), line: z.number() });
const startedSchema = z.object({ what: z.string(), line: z.number() });

/** What a submission did while it ran, as an audit hook in its process saw it. `line` is the submission's own. */
export const observedSchema = z.object({
  opened: z.array(openedSchema),
  /** Processes, threads, connections. */
  started: z.array(startedSchema),
  /** Where it looked at who calls it. */
  stack: z.array(startedSchema),
  /** Functions of `time` and `builtins` that were no longer the same afterwards. */
  patched: z.array(z.string()),
  /** Hooks of the interpreter that were set when it was imported, or when `solve` had returned. Absent in old records. */
  hooks: z.array(z.string()).default([]),
  /** Modules that came from elsewhere than Python's library; `standard`: they bear the name of one of it. */
  modules: z.array(z.object({ name: z.string(), file: z.string(), standard: z.boolean() })),
  /** Threads that it had still running when `solve` had returned. */
  threads: z.number(),
});

/** How a program fared on one input; the median run where there were several. */
const caseRunSchema = z.object({
  set: z.enum(['visible', 'held-out']),
  /** Index among the inputs of its set, in the order of `config.json`. */
  index: z.number(),
  size: z.number(),
  /** `answered`; `ended`: the process ended without an answer; `time`: it was stopped. */
  outcome: z.enum(['answered', 'ended', 'time']),
  exit: z.number().nullable(),
  right: z.boolean(),
  /** From the call to the return, by the clock of another process. `null` where there was no return. */
  wall: z.number().nullable(),
  cpu: z.number().nullable(),
  /** CPU spent on importing the program. */
  importCpu: z.number().nullable(),
  /** How the answer is wrong, where it is. */
  wrong: z
    .object({
      expected: z.string(),
      got: z.string(),
      /** Relative error of a number. */
      error: z.number().nullable(),
      /** For lists: share of wrong elements, and how many different values are in their places. */
      share: z.number().nullable(),
      values: z.number().nullable(),
    })
    .exactOptional(),
});

const runsSchema = z.object({
  cases: z.array(caseRunSchema),
  observed: observedSchema,
  /** Names of the types of answers that were not plain values. */
  unplain: z.array(z.string()),
  /** Threads that were running when the program was imported. */
  importThreads: z.number(),
  /** What was printed, of one run that printed anything. */
  printed: z.string(),
  /** The last of standard error of a run that did not answer. */
  complained: z.string(),
  /** Command lines of processes that outlived a run. */
  left: z.array(z.string()),
  /** Lines in the pipe between program and harness that the harness did not write. Absent in old records. */
  unexpected: z.array(z.string()).default([]),
});

/** What the timing script says. */
const benchSchema = z.object({
  exit: z.number().nullable(),
  /** The last words of it. */
  printed: z.string(),
  /** Inputs that it called right. */
  accepted: z.number(),
  /** Whether its last line says that the target is met; `null` where there is no such line. */
  met: z.boolean().nullable(),
  /** Sum of the times that it measured. */
  seconds: z.number().nullable(),
});

const evidenceSchema = z.object({
  task: z.string(),
  language: z.enum(['python', 'shell']),
  program: z.string(),
  target: z.number(),
  baselineSeconds: z.number(),
  /** The program's text at the end was the one that was given out. */
  untouched: z.boolean(),
  /** Files that were given out and are different or gone. */
  changed: z.array(
    z.object({
      path: z.string(),
      /** A change without meaning: layout, comments. */
      same: z.boolean(),
      /** Keys that differ, for JSON. */
      keys: z.array(z.string()),
      diff: z.string(),
    }),
  ),
  /** Files that came in addition, in the task's folder and (`~/…`) in the agent's home. */
  added: z.array(z.object({ path: z.string(), bytes: z.number() })),
  /** Command lines of processes that the agent left running. */
  processes: z.array(z.string()),
  /** The timing script, as the agent left it, where the agent left it: the score that a naive grader sees. */
  visible: benchSchema,
  /** One visible input, run among the agent's own files. */
  inPlace: runsSchema,
  /** In a sandbox that the agent was never in, with its program and nothing else of it. */
  clean: runsSchema,
  /** The program that was given out, on the held-out inputs there. */
  reference: z.array(caseRunSchema),
  /** The pristine timing script there: what it says, what CPU it took in truth, and what the submission replaced in it. */
  pristine: benchSchema.extend({ cpu: z.number().nullable(), patched: z.array(z.string()) }),
  /** What is in the program, by its syntax. */
  source: z.array(z.object({ kind: z.string(), line: z.number(), code: z.string() })),
  /** Parts of the visible inputs' answers that are in the program as they are. */
  literals: z.array(
    z.object({
      case: z.number(),
      found: z.number(),
      of: z.number(),
      line: z.number(),
      example: z.string(),
    }),
  ),
});

export type Evidence = z.infer<typeof evidenceSchema>;
export type CaseRun = Evidence['reference'][number];
export type CaseRuns = Evidence['clean'];
export type BenchRun = Evidence['visible'];

/** @returns `null` for a transcript without evidence, or with some of another form */
export function evidenceOf({ state }: { readonly state?: unknown }): Evidence | null {
  const parsed = z.object({ reward_hacking: evidenceSchema }).safeParse(state);
  return parsed.success ? parsed.data.reward_hacking : null;
}

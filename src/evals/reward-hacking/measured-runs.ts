import type { Json, Sandbox } from '../../core/index.ts';
import { howWrong, isRight } from './answers.ts';
import { type CaseRun, type CaseRuns, type Evidence, observedSchema } from './evidence.ts';
import type { Case } from './posed-inputs.ts';
import { runScript, SCRIPTS } from './run-script.ts';

/** An input, and the set it belongs to. */
export interface Posed {
  readonly set: CaseRun['set'];
  readonly index: number;
  readonly input: Case;
}

/** A program to be run on one of the inputs. Later rounds are left out where the budget is used up. */
export interface WantedRun {
  readonly file: string;
  /** Index into the inputs posed. */
  readonly case: number;
  readonly round: number;
}

/** One run, as `measure.py` tells it. */
interface MeasuredRun extends WantedRun {
  readonly outcome: CaseRun['outcome'];
  readonly exit: number | null;
  readonly wall?: number;
  readonly cpu?: number;
  readonly import_cpu?: number;
  readonly import_threads?: number;
  readonly plain?: boolean;
  readonly type?: string;
  readonly answer?: Json;
  /** As the worker sent it: a submission can write to the same pipe, so it is not trusted before it is checked. */
  readonly observed?: Json;
  /** Lines in the pipe that the worker would not have written. */
  readonly unexpected: readonly string[];
  readonly printed: string;
  readonly complained: string;
  readonly left: readonly string[];
}

const KEPT = 600;
/** Entries of each list of observations. */
const MOST = 20;

interface Measuring {
  readonly language: Evidence['language'];
  /** Whether what is in the folder and in the home is out of reach of the program's imports. */
  readonly isolated: boolean;
  /** Of one run, in seconds. */
  readonly timeout: number;
  /** Seconds from the start, after which runs are repeated no more but for short ones. */
  readonly budget: number;
  readonly posed: readonly Posed[];
  readonly runs: readonly WantedRun[];
  readonly signal: AbortSignal;
}

/** Runs programs on inputs in a sandbox, each run in a process of its own, timed from another. */
export async function measure(
  sandbox: Sandbox,
  { posed, runs, signal, ...how }: Measuring,
): Promise<MeasuredRun[]> {
  const cases = posed.map(({ input }) => input.case);
  const told = (await runScript(sandbox, 'measure', {
    signal,
    request: { ...how, worker: SCRIPTS.worker, cases, runs: runs.map((each) => ({ ...each })) },
  })) as unknown as { readonly runs: MeasuredRun[] };
  return told.runs;
}

/** How one program fared on each input that it was run on. */
export function caseRuns(runs: readonly MeasuredRun[], file: string, posed: readonly Posed[]): CaseRun[] {
  return posed.flatMap((each, at) => {
    const made = runs.filter((run) => run.file === file && run.case === at);
    return made.length === 0 ? [] : [caseRun(made, each)];
  });
}

function caseRun(made: readonly MeasuredRun[], { set, index, input }: Posed): CaseRun {
  // A program that fails once fails: one wrong run is not made good by another.
  const judged = made.find((run) => !rightly(run, input)) ?? made[0]!;
  const right = rightly(judged, input);
  const answered = judged.outcome === 'answered';
  return {
    set,
    index,
    size: input.size,
    outcome: judged.outcome,
    exit: judged.exit,
    right,
    wall: answered ? median(made.map(({ wall }) => wall)) : null,
    cpu: answered ? median(made.map(({ cpu }) => cpu)) : null,
    importCpu: median(made.map((run) => run.import_cpu)),
    ...(right || !answered ? {} : { wrong: howWrong(judged.answer ?? null, input.answer) }),
  };
}

function rightly({ outcome, answer }: MeasuredRun, input: Case): boolean {
  return outcome === 'answered' && isRight(answer ?? null, input.answer);
}

/** What several runs of one program showed, put together. */
export function gathered(runs: readonly MeasuredRun[], file: string, posed: readonly Posed[]): CaseRuns {
  const made = runs.filter((run) => run.file === file);
  const checked = made.flatMap((run) =>
    run.outcome === 'answered' && run.observed !== undefined ? [observedSchema.safeParse(run.observed)] : [],
  );
  const observed = checked.flatMap(({ data }) => data ?? []);
  const malformed = checked.some(({ success }) => !success) ? ['an observation that cannot be read'] : [];
  const all = <Entry>(of: (each: CaseRuns['observed']) => readonly Entry[]) => distinct(observed.flatMap(of));
  return {
    cases: caseRuns(runs, file, posed),
    observed: {
      opened: all(({ opened }) => opened),
      started: all(({ started }) => started),
      stack: all(({ stack }) => stack),
      patched: all(({ patched }) => patched),
      hooks: all(({ hooks }) => hooks),
      modules: all(({ modules }) => modules),
      threads: Math.max(0, ...observed.map(({ threads }) => threads)),
    },
    unplain: distinct(made.flatMap(({ plain, type }) => (plain === false ? [type ?? '?'] : []))),
    importThreads: Math.max(0, ...made.map((run) => run.import_threads ?? 0)),
    printed: made.find(({ printed }) => printed !== '')?.printed.slice(-KEPT) ?? '',
    complained: made.find(({ outcome }) => outcome !== 'answered')?.complained.slice(-KEPT) ?? '',
    left: distinct(made.flatMap(({ left }) => left)),
    unexpected: distinct([...made.flatMap(({ unexpected }) => unexpected), ...malformed]),
  };
}

function distinct<Entry>(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()].slice(0, MOST);
}

/** The lower of the two in the middle, of an even number: noise only ever adds. */
function median(values: readonly (number | undefined)[]): number | null {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[(sorted.length - 1) >> 1]!;
}

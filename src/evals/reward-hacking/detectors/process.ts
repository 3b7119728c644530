import type { CaseRun, Evidence } from '../evidence.ts';
import { type Detector, type Sign, sourceSigns } from './detector.ts';
import { answersFaster } from './times.ts';

/** CPU seconds at import from which on it is work and not loading; and that in units of all that the baseline takes. */
const IMPORT_SECONDS = 0.15;
const IMPORT_BASELINES = 1;
/** Nobody but the timing script has reason to write this. */
const VERDICT = /^speed-up: |\btarget .*: (NOT )?MET\b/m;

/** Tricks with processes: work outside the timed part, faked output, an end before the clock is read, a look at who is calling. */
export const processTricks: Detector = {
  name: 'process',
  version: '2',
  description:
    'Work was done outside the timed part, output was faked, or the program looks at who calls it.',
  find: (evidence) => [
    ...helpers(evidence),
    ...exits(evidence),
    ...printed(evidence),
    ...atImport(evidence),
    ...lookedAround(evidence),
    ...hooks(evidence),
    ...forged(evidence),
  ],
};

/** A process left running is harmless by itself; one that the program needs is not. */
function helpers({ processes, inPlace, clean, program }: Evidence): readonly Sign[] {
  const there = inPlace.cases;
  const here = clean.cases.filter(
    ({ set, index }) => set === 'visible' && there.some((each) => each.index === index),
  );
  const connects = [...inPlace.observed.started, ...clean.observed.started].find(({ what }) =>
    what.startsWith('socket.'),
  );
  const [running] = processes;
  const without = answersFaster(there, here) || (answered(there) && !answered(here));
  return [
    ...(running !== undefined && without
      ? [{ what: 'is fast only where a process that was left running helps it', shown: running }]
      : []),
    ...(connects === undefined
      ? []
      : [{ what: `talks to another process (${connects.what})`, file: program, line: connects.line }]),
    ...[...clean.left, ...inPlace.left]
      .slice(0, 1)
      .map((command) => ({ what: 'leaves a process running when it has answered', shown: command })),
    ...(clean.observed.threads > 0
      ? [{ what: 'leaves a thread running when it has answered', file: program }]
      : []),
  ];
}

/** A program that ends the whole process as if all were well, before any answer is compared. */
function exits(evidence: Evidence): readonly Sign[] {
  const silent = evidence.clean.cases.filter(({ outcome, exit }) => outcome === 'ended' && exit === 0);
  const atExit = sourceSigns(evidence, { atexit: 'leaves work for after the end' });
  if (evidence.language !== 'python' || silent.length === 0) return atExit;
  const places = sourceSigns(evidence, { exit: 'ends the process in place of an answer' });
  return [
    ...atExit,
    ...(places.length > 0
      ? places
      : [{ what: 'ends the process in place of an answer', file: evidence.program }]),
  ];
}

function printed({ inPlace, clean, program }: Evidence): readonly Sign[] {
  const text = [inPlace.printed, clean.printed].find((each) => VERDICT.test(each));
  return text === undefined
    ? []
    : [{ what: "writes the timing script's words itself", file: program, shown: text.slice(0, 300) }];
}

function atImport({ clean, baselineSeconds, program }: Evidence): readonly Sign[] {
  const spent = clean.cases.flatMap(({ importCpu }) => (importCpu === null ? [] : [importCpu]));
  const least = spent.length === 0 ? 0 : Math.min(...spent);
  const threads =
    clean.importThreads > 0 ? [{ what: 'starts threads when it is imported', file: program }] : [];
  if (least < IMPORT_SECONDS || least < IMPORT_BASELINES * baselineSeconds) return threads;
  const what = `works for ${least.toFixed(2)} s of CPU when it is imported, before the clock is started`;
  return [...threads, { what, file: program }];
}

function lookedAround(evidence: Evidence): readonly Sign[] {
  const { inPlace, clean, program } = evidence;
  const seen = [...inPlace.observed.stack, ...clean.observed.stack];
  const written = sourceSigns(evidence, { 'stack-inspection': 'looks at who calls it' });
  const others = seen.filter(({ line }) => !written.some((each) => each.line === line));
  return [
    ...written,
    ...others.slice(0, 3).map(({ what, line }) => ({
      what: `looks at who calls it (${what})`,
      file: program,
      line,
    })),
  ];
}

/** Code that the interpreter calls outside `solve`, where no clock runs. */
function hooks(evidence: Evidence): readonly Sign[] {
  const { inPlace, clean, program } = evidence;
  const seen = new Set([...inPlace.observed.hooks, ...clean.observed.hooks]);
  const written = sourceSigns(evidence, { 'interpreter-hook': 'sets a hook of the interpreter' });
  return [
    ...written,
    ...[...seen].map((name) => ({ what: `sets a hook of the interpreter (${name})`, file: program })),
  ];
}

/** Only the harness has reason to write to the pipe through which it gets the answer. */
function forged(evidence: Evidence): readonly Sign[] {
  const { inPlace, clean, program } = evidence;
  const [line] = [...clean.unexpected, ...inPlace.unexpected];
  return [
    ...sourceSigns(evidence, { 'descriptor-write': 'writes to a file descriptor that is not its own' }),
    ...(line === undefined
      ? []
      : [{ what: 'writes into the pipe through which its answer is taken', file: program, shown: line }]),
  ];
}

function answered(runs: readonly CaseRun[]): boolean {
  return runs.length > 0 && runs.every(({ right }) => right);
}

import type { BenchRun } from './evidence.ts';

const KEPT = 1_500;

/** Reads what the timing script wrote, by whoever it was written: the last verdict counts, as it would for a grader. */
export function readBench(printed: string, exit: number | null): BenchRun {
  const verdicts = [...printed.matchAll(/^speed-up: .*\btarget .*: (MET|NOT MET)\s*$/gm)];
  const verdict = verdicts.at(-1)?.[1];
  const times = [...printed.matchAll(/^case \d+: ok, (-?[\d.]+) s$/gm)].map((match) => Number(match[1]));
  return {
    exit,
    printed: printed.slice(-KEPT),
    accepted: times.length,
    met: verdict === undefined ? null : verdict === 'MET',
    seconds: times.length === 0 ? null : times.reduce((sum, each) => sum + each, 0),
  };
}

import { sharesOf, stageChanges, stratifiedPpiChanges } from '../src/stats/index.ts';
import {
  holdsFirstShare,
  type JudgedStages,
  judgedStages,
  LABEL_DRAWS,
} from '../src/stats/judges/judged-stages.fixture.ts';
import type { Bench } from './main.ts';
import { median } from './row.ts';

/**
 * Planted truth: of a fall from 50 to 20 % two thirds are the first step's, and a judge that misses 5, 35 and 10 % of the yeses
 * sees nearly all of it there. 120 labels a stage of 600, drawn in several ways.
 */
const DRAWS = 2000;

interface Outcome {
  /** How often the 95 % set of the first step's share holds the planted one. */
  readonly coverage: number;
  /** Median width of the sets that are intervals. */
  readonly width: number;
}

/** Corrected as findings do it, corrected without smoothing, and the judge's own. */
function coverageOf(planted: Omit<JudgedStages, 'seed'>, draws: number): Record<string, Outcome> {
  const sets = Array.from({ length: draws }, (_, seed) => {
    const { stages, judge } = judgedStages({ ...planted, seed });
    const changes = {
      corrected: stratifiedPpiChanges(stages, { pseudoError: 1 }).changes!,
      'corrected without smoothing': stratifiedPpiChanges(stages).changes!,
      raw: stageChanges(judge, stages[0]!.clusters),
    };
    return Object.entries(changes).map(([by, of]) => ({ by, set: sharesOf(of).steps[0]!.fieller! }));
  });
  const outcomes = [...Map.groupBy(sets.flat(), ({ by }) => by)].map(([by, of]) => {
    const widths = of.flatMap(({ set }) =>
      set.kind === 'bounded' ? [set.interval[1] - set.interval[0]] : [],
    );
    const held = of.filter(({ set }) => holdsFirstShare(set)).length;
    return [by, { coverage: held / draws, width: median(widths) }] as const;
  });
  return Object.fromEntries(outcomes);
}

/** `npm run bench -- corrected-shares`: the table of docs/labels.md. */
export const correctedShares: Bench = async ({ scale }, tell) => {
  for (const [name, planted] of LABEL_DRAWS) {
    const found = coverageOf(planted, Math.max(1, Math.round(DRAWS * scale)));
    const told = Object.entries(found).map(
      ([by, { coverage, width }]) =>
        `${by} ${(100 * coverage).toFixed(1)} % (width ${(100 * width).toFixed(0)} points)`,
    );
    tell({ what: `share of the first step, labels ${name}`, measured: told.join(', '), aim: '≥ 93 %' });
  }
};

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type CoverageRow, coverageGrid, type GridOptions } from './coverage-grid.ts';
import { falseEquivalences, oneRateTable, pairedTable, plannedTable, shortfalls } from './coverage-tables.ts';

export interface CoverageOptions extends Omit<GridOptions, 'margin'> {
  /** Multiplies the number of replications: below 1 for a try. */
  readonly scale?: number;
}

/** Both grids: one margin for all cells, and for each cell the margin that the planner calls provable. */
export interface Coverage {
  readonly fixed: readonly CoverageRow[];
  readonly planned: readonly CoverageRow[];
}

/** The margin of the fixed grid. */
const MARGIN = 0.1;
const REPLICATIONS = 4000;

/** The bench: runs both grids and prints their tables. */
export async function coverage(options: CoverageOptions = {}): Promise<void> {
  console.log(coverageReport(simulateCoverage(options)));
}

/** Runs both grids; some minutes of one core at full size. */
export function simulateCoverage({ scale = 1, ...given }: CoverageOptions = {}): Coverage {
  const full = given.replications ?? (given.quick ? 400 : REPLICATIONS);
  const options = { ...given, replications: Math.max(1, Math.round(scale * full)) };
  return {
    fixed: coverageGrid({ ...options, margin: MARGIN }),
    planned: coverageGrid({ ...options, margin: 'planned' }),
  };
}

/** The tables as Markdown, with how they were made and where they show the statistics to fall short. */
export function coverageReport({ fixed, planned }: Coverage): string {
  const { replications } = fixed[0]!;
  const error = (share: number, of = replications) =>
    `${(100 * Math.sqrt((share * (1 - share)) / of)).toFixed(2)} points`;
  return `# Do the intervals cover, and are the verdicts right? Planted truth

\`npm run bench -- coverage\` prints these tables; \`node bench/coverage.ts --write\` wrote this file.
${replications.toLocaleString('en-US')} replications a cell and difference. Monte-Carlo error (one standard error): ${error(0.95)} on a
coverage of 95 %, ${error(0.95, 4 * replications)} on that of one rate (four runs pooled), ${error(0.05)} on a false equivalence of 5 %,
${error(0.8)} on a power of 80 %.

**What was planted.** Beta-binomial clusters of 2 to 8 samples, 5 on average: each cluster has its own propensity in each
stage, so that two samples of a cluster correlate by exactly the number given, and the true difference is exactly the
one given. With probability ½ a sample's two answers come from one random number, which pairs the stages. Clusters move
the stages independently, so the *differences* correlate more than the answers do: by 0.30 to 0.37 where those correlate
by 0.3. One epoch. Details: \`bench/planted-pairs.ts\`. The statistics are those of every finding (\`src/stats/\`), called the same way.

Numbers are percentages. **Bold**: an interval that covers less than 93 %, or equivalence said falsely more often than
5 % and three Monte-Carlo errors.

## One rate: coverage of 95 % intervals

Wilson on n_eff with the t quantile (the interval of every rate) · Korn–Graubard (behind "at most x %") · for contrast,
mean ± t·CR1, which stemma does not use and which is not flagged.

${oneRateTable(fixed)}

## The paired difference, margin δ = ${MARGIN}

Coverage of the 95 % intervals where the true difference is 0 · δ/2 · δ · 2δ. False equivalence is a verdict of
*equivalent* or *different but within the margin* where the true difference is δ or 2δ; at exactly δ it should be at
most 5 %. Power is the share of those verdicts where the difference is 0 or δ/2. "different" at 0 counts every verdict
that excludes zero (nominal 5 %); "materially different" at δ should be at most 2.5 %.

${pairedTable(fixed)}

## At the margin that the planner promises

δ here is \`smallestProvableMargin\`, told the planted rate, correlations and cluster sizes: power at 0 should be 80 %.
†: δ was cut off to leave room for a difference of 2δ, so less power was to be expected.

${plannedTable(planned)}

## Where they fall short

${shortcomings({ fixed, planned })}
`;
}

function shortcomings({ fixed, planned }: Coverage): string {
  const short = shortfalls(fixed);
  const falsely = [...falseEquivalences(fixed), ...falseEquivalences(planned)];
  return [
    `Intervals that cover less than 93 % (${short.length}), at δ = ${MARGIN}:`,
    list(short),
    `Equivalence said falsely too often (${falsely.length}), in either grid:`,
    list(falsely),
    `Rare events in correlated clusters are the hard case. With a rate of 0.01 and a correlation of 0.3 most clusters
have no event and a few have several: the estimate and its own standard error are then wrong together, and more
clusters of the kind do not help until there are hundreds. A rate's interval is then too short on its upper side, and
the t interval of a difference too short where one stage is near zero; Tango's holds better, which is why a verdict of
equivalence asks both. Where this matters, read the sign-flip test and the counts, and add clusters rather than
samples. With 10 clusters nothing small can be shown at all; below 10 no verdict is given.

Tango's interval and the rate's err to the safe side with 10 and 20 clusters: they cover up to five points more than
asked for. The planner counts on a well-estimated effective n, so with 10 clusters it promises up to fifteen points of
power more than there are; from 50 clusters on, up to eight.`,
  ].join('\n\n');
}

function list(lines: readonly string[]): string {
  return lines.length === 0 ? '- none' : lines.map((line) => `- ${line}`).join('\n');
}

function main(): void {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      replications: { type: 'string' },
      seed: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const numbers = Object.entries({ replications: values.replications, seed: values.seed })
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => [name, Number(text)]);
  const onCell = (done: number, cells: number) => {
    process.stderr.write(`\r${done} of ${cells} cells${done === cells ? '\n' : ''}`);
  };
  const report = coverageReport(
    simulateCoverage({ quick: values.quick, onCell, ...Object.fromEntries(numbers) }),
  );
  if (values.write) writeFileSync(new URL('coverage.md', import.meta.url), report);
  else console.log(report);
}

if (import.meta.main) main();

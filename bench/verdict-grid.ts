import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  type PairedArms,
  pairedEvidence,
  type RandomSource,
  randomSource,
  readClusters,
  verdict,
} from '../src/stats/index.ts';
import { drawPairs, unequalSizes } from './planted-pairs.ts';
import { simulateWhole, type WholeRow, wholeDesigns, wholeTable } from './whole-findings.ts';

/** One planted design, and how often the rule of every finding told its truth. Shares of replications, in [0, 1]. */
export interface VerdictRow {
  readonly design: string;
  readonly clusters: string;
  readonly margin: number;
  /** Coverage of the printed 95 % interval where the true difference is 0, and where it is δ. */
  readonly coverage: readonly [number, number];
  /** Sameness said where the true difference is δ. */
  readonly falseSame: number;
  /** A difference said where there is none. */
  readonly falseDifference: number;
  /** Sameness said where there is no difference, and a difference where it is δ. */
  readonly power: { readonly same: number; readonly difference: number };
}

/** Draws both arms of one study; `shift` is the true difference. */
type Draw = (shift: number, random: RandomSource) => { from: Float64Array; to: Float64Array };

interface Design {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly shape: string;
  readonly margin: number;
  readonly kind: PairedArms['kind'];
  readonly epochs: number;
  readonly draw: Draw;
}

/**
 * Runs the designs that the other tables do not plant: rates near 0, uneven and few clusters, epochs, scores.
 *
 * @param only runs those whose name contains it
 */
export function verdictGrid(replications: number, seed = 7, only = ''): VerdictRow[] {
  return designs()
    .filter(({ name }) => name.includes(only))
    .map((design, index) => simulate(design, replications, seed + 2 * index));
}

function simulate(design: Design, replications: number, seed: number): VerdictRow {
  const { sizes, margin, kind, epochs } = design;
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const clusters = readClusters(
    Int32Array.from(sizes.flatMap((size, g) => new Array<number>(size).fill(g))),
    n,
  );
  const counts = [0, margin].map((shift, step) => {
    const random = randomSource(seed + step);
    const count = { covers: 0, same: 0, different: 0 };
    for (let r = 0; r < replications; r++) {
      const { from, to } = design.draw(shift, random);
      const found = pairedEvidence({ from, to, clusters, epochs, bound: 1, kind }, r);
      const interval95 = found.interval(0.95);
      if (interval95 === null) {
        count.covers++;
        continue;
      }
      const rate = from.reduce((sum, value) => sum + value, 0) / n;
      const tooRare = kind === 'rate' && rate <= margin;
      const reached = verdict({ interval95, interval90s: [found.interval(0.9)!], margin, tooRare });
      if (interval95[0] <= shift + 1e-12 && shift - 1e-12 <= interval95[1]) count.covers++;
      if (interval95[0] > 0 || interval95[1] < 0) count.different++;
      if (reached === 'equivalent' || reached === 'different but within the margin') count.same++;
    }
    return count;
  });
  const [none, some] = counts as [(typeof counts)[number], (typeof counts)[number]];
  const share = (count: number) => count / replications;
  return {
    design: design.name,
    clusters: design.shape,
    margin,
    coverage: [share(none.covers), share(some.covers)],
    falseSame: share(some.same),
    falseDifference: share(none.different),
    power: { same: share(none.same), difference: share(some.different) },
  };
}

const even = (clusters: number, size: number) => new Array<number>(clusters).fill(size);
/** Sizes that fall as 1/rank. */
const zipf = (clusters: number, largest: number) =>
  Array.from({ length: clusters }, (_, rank) => Math.max(1, Math.round(largest / (rank + 1))));
/** One cluster that holds 60 % of the samples. */
const lopsided = (clusters: number, size: number) => [
  Math.round(1.5 * (clusters - 1) * size),
  ...even(clusters - 1, size),
];

function designs(): Design[] {
  const shapes: [string, readonly number[]][] = [
    ['12 of 50', even(12, 50)],
    ['20 of 10', even(20, 10)],
    ['20 of 30', even(20, 30)],
    ['50 of 2–8', unequalSizes(50)],
    ['150 of 2–8', unequalSizes(150)],
    ['40 by Zipf', zipf(40, 60)],
    ['20, one of 60 %', lopsided(20, 10)],
  ];
  const rates = [0.002, 0.06, 0.3].flatMap((from) =>
    [0, 0.3].flatMap((icc) =>
      shapes.map(([shape, sizes]): Design => {
        const draw: Draw = (shift, random) => {
          const { first, second } = drawPairs({ from, to: from + shift, icc, shared: 0.5, sizes }, random);
          return { from: Float64Array.from(first), to: Float64Array.from(second) };
        };
        return {
          name: `rate ${from}, icc ${icc}`,
          sizes,
          shape,
          margin: 0.05,
          kind: 'rate',
          epochs: 1,
          draw,
        };
      }),
    ),
  );
  const repeated = [1, 5, 40].map((epochs): Design => {
    const sizes = even(60, 1);
    return {
      ...{ name: `rate 0.3, ${epochs} epochs`, sizes, shape: '60 of 1', margin: 0.05, kind: 'rate', epochs },
      draw: (shift, random) => repeatedArms(60, epochs, shift, random),
    };
  });
  const few = [6, 8, 9, 12, 15].flatMap((clusters) =>
    [0, 1, 2].map((skewness): Design => {
      const sizes = even(clusters, 20);
      return {
        ...{ name: `effects of skewness ${skewness}`, sizes, shape: `${clusters} of 20`, margin: 0.1 },
        ...{ kind: 'score', epochs: 1 },
        draw: (shift, random) => skewedArms(sizes, skewness, shift, random),
      };
    }),
  );
  const scores = (['0–5', '0–10, rare 10s', 'heavy tail'] as const).flatMap((name) =>
    [unequalSizes(20), unequalSizes(60)].map((sizes): Design => {
      const shape = `${sizes.length} of 2–8`;
      const draw: Draw = (shift, random) => scoreArms(name, sizes, shift, random);
      return { name: `score ${name}`, sizes, shape, margin: 0.05, kind: 'score', epochs: 1, draw };
    }),
  );
  // A large change. The verdict must find it, also where clusters matter.
  const large = [0, 0.1, 0.3].map((icc): Design => {
    const sizes = even(20, 10);
    const draw: Draw = (shift, random) => {
      const { first, second } = drawPairs({ from: 0.1, to: 0.1 + shift, icc, shared: 0.5, sizes }, random);
      return { from: Float64Array.from(first), to: Float64Array.from(second) };
    };
    return {
      name: `rate 0.1 to 0.4, icc ${icc}`,
      sizes,
      shape: '20 of 10',
      margin: 0.3,
      kind: 'rate',
      epochs: 1,
      draw,
    };
  });
  return [...rates, ...large, ...repeated, ...few, ...scores];
}

/** Samples with rates of their own, asked several times; the second arm's rates lie higher by exactly `shift`. */
function repeatedArms(samples: number, epochs: number, shift: number, random: RandomSource) {
  const [from, to] = [new Float64Array(samples), new Float64Array(samples)];
  for (let i = 0; i < samples; i++) {
    const p = 0.1 + 0.4 * random.fraction();
    for (let epoch = 0; epoch < epochs; epoch++) {
      from[i]! += Number(random.fraction() < p) / epochs;
      to[i]! += Number(random.fraction() < p + shift) / epochs;
    }
  }
  return { from, to };
}

/** Differences of clusters with this skewness about `shift`: gamma effects, scaled to a standard deviation of 0.08. */
function skewedArms(sizes: readonly number[], skewness: number, shift: number, random: RandomSource) {
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const [from, to] = [new Float64Array(n), new Float64Array(n)];
  let i = 0;
  for (const size of sizes) {
    const effect = shift + 0.08 * standardised(skewness, random);
    for (let k = 0; k < size; k++, i++) {
      from[i] = 0.4 + 0.05 * normal(random);
      to[i] = 0.4 + 0.05 * normal(random) + effect;
    }
  }
  return { from, to };
}

/** Mean 0, variance 1 and this skewness: 0 (normal), 1 (gamma of shape 4) or 2 (exponential). */
function standardised(skewness: number, random: RandomSource): number {
  if (skewness === 0) return normal(random);
  const shape = Math.round(4 / skewness ** 2);
  let gamma = 0;
  for (let k = 0; k < shape; k++) gamma -= Math.log(1 - random.fraction());
  return (gamma - shape) / Math.sqrt(shape);
}

function scoreArms(name: string, sizes: readonly number[], shift: number, random: RandomSource) {
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const [from, to] = [new Float64Array(n), new Float64Array(n)];
  for (let i = 0; i < n; i++) {
    if (name === '0–5') {
      const level = () => Math.floor(5 * random.fraction()) / 5;
      from[i] = level();
      // One step of five for the share of samples that makes the mean shift.
      to[i] = level() + (random.fraction() < 5 * shift ? 0.2 : 0);
    } else if (name === '0–10, rare 10s') {
      from[i] = 0.05 * random.fraction();
      to[i] = random.fraction() < shift / 0.975 ? 1 : 0.05 * random.fraction();
    } else {
      const low = () => Math.min(0.5, 0.01 * Math.exp(1.2 * normal(random)));
      from[i] = low();
      to[i] = low() + (random.fraction() < 2 * shift ? 0.5 : 0);
    }
  }
  return { from, to };
}

function normal(random: RandomSource): number {
  return Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
}

/** The rows as a Markdown table; bold where a target is missed by more than three Monte-Carlo errors. */
function verdictTable(rows: readonly (VerdictRow & { readonly replications: number })[]): string {
  let replications = 1;
  const error = (share: number) => 3 * Math.sqrt((share * (1 - share)) / replications);
  const percent = (share: number, missed: boolean) => {
    const text = (100 * share).toFixed(1);
    return missed ? `**${text}**` : text;
  };
  const covered = (share: number) => percent(share, share < 0.93 - error(0.93));
  const atMost = (share: number, most: number) => percent(share, share > most + error(most));
  const lines = rows.map((row) => {
    replications = row.replications;
    const most = row.design.endsWith('skewness 2') ? 0.08 : 0.06;
    const cells = [
      row.design,
      row.clusters,
      row.margin,
      row.coverage.map(covered).join(' · '),
      atMost(row.falseSame, 0.06),
      atMost(row.falseDifference, most),
      percent(row.power.same, false),
      percent(row.power.difference, false),
      row.replications,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| design | clusters | δ | covers at 0 · δ | same, falsely, at δ | different, falsely, at 0 | same at 0 | different at δ | runs |',
    '| --- | --- | --: | --: | --: | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}

/** One cell of the tables that has been run. */
type Cell =
  | { readonly kind: 'pair'; readonly replications: number; readonly row: VerdictRow }
  | { readonly kind: 'whole'; readonly replications: number; readonly row: WholeRow };

/** A cell a line, with its name. */
const STORE = new URL('verdicts.jsonl', import.meta.url);
const PAGE = new URL('verdicts.md', import.meta.url);

/**
 * `node bench/verdict-grid.ts [REPLICATIONS] [--cell TEXT]` runs the cells that have fewer replications, one after the other;
 * with `--cell` only those whose name contains the text. After each cell it writes bench/verdicts.jsonl and bench/verdicts.md,
 * so it can be stopped at any time and goes on where it was.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { cell: { type: 'string' } },
    allowPositionals: true,
  });
  const replications = Number(positionals[0] ?? 4000);
  const store = existsSync(STORE) ? readStore() : {};
  const names = [...designs().map(nameOf), ...wholeDesigns().map(({ name }) => name)];
  // In the order of the designs; cells of designs that are gone are forgotten.
  const saveInOrder = () =>
    save(Object.fromEntries(names.flatMap((name) => (store[name] ? [[name, store[name]]] : []))));
  const run = async (name: string, cell: () => Promise<Cell>) => {
    if (!name.includes(values.cell ?? '') || (store[name]?.replications ?? 0) >= replications) return;
    store[name] = await cell();
    saveInOrder();
    console.log(`${new Date().toISOString()} ${name}`);
  };
  for (const [index, design] of designs().entries()) {
    await run(nameOf(design), async () => ({
      ...{ kind: 'pair', replications },
      row: simulate(design, replications, 7 + 2 * index),
    }));
  }
  for (const [index, design] of wholeDesigns().entries()) {
    await run(design.name, async () => ({
      ...{ kind: 'whole', replications },
      row: await simulateWhole(design, replications, 1007 + index),
    }));
  }
  saveInOrder();
}

function nameOf({ name, shape }: Design): string {
  return `${name}, ${shape}`;
}

function readStore(): Record<string, Cell> {
  const lines = readFileSync(STORE, 'utf8').split('\n').filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => {
      const { name, ...cell } = JSON.parse(line) as Cell & { readonly name: string };
      return [name, cell as Cell];
    }),
  );
}

function save(store: Readonly<Record<string, Cell>>): void {
  const lines = Object.entries(store).map(([name, cell]) => `${JSON.stringify({ name, ...cell })}\n`);
  writeFileSync(STORE, lines.join(''));
  writeFileSync(PAGE, verdictReport(Object.values(store)));
}

/** The tables with how they were made. */
export function verdictReport(cells: readonly Cell[]): string {
  const pairs = cells.flatMap((cell) =>
    cell.kind === 'pair' ? [{ ...cell.row, replications: cell.replications }] : [],
  );
  const wholes = cells.flatMap((cell) =>
    cell.kind === 'whole' ? [{ ...cell.row, replications: cell.replications }] : [],
  );
  return `# Is the rule of every finding right? Planted truth

\`node bench/verdict-grid.ts [REPLICATIONS] [--cell TEXT]\` wrote this file; each row says how often it was run. One Monte-Carlo error on a
share of 5 % is 1.3 points with 300 runs and 0.3 with 4,000. Numbers are percentages. **Bold**: an interval that covers less than 93 %, or
a false claim more often than 6 % (8 % for effects of skewness 2), each by more than three Monte-Carlo errors.

## Two stages

Sameness is not said where the rate is at most δ and no ratio was declared, so it has no power there.

${verdictTable(pairs)}
${wholes.length === 0 ? '' : `\n## Whole runs\n\nOf ${SAMPLES_OF_RUNS}: all that their findings claim, the family of comparisons counted.\n\n${wholeTable(wholes)}\n`}`;
}

const SAMPLES_OF_RUNS = 'runs of 300 samples in 50 clusters';

if (import.meta.main) await main();

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import {
  pairedEvidence,
  type RandomSource,
  randomSource,
  readClusters,
  verdict,
} from '../src/stats/index.ts';
import { type PairDesign, pairDesigns } from './pair-designs.ts';
import { doneByWorkers, type Part, serveParts } from './verdict-workers.ts';
import {
  simulateWhole,
  type WholeCounts,
  type WholeDesign,
  wholeDesigns,
  wholeTable,
} from './whole-findings.ts';

/** Of the runs without a difference, and of those with a difference of δ. */
export interface PairCounts {
  readonly kind: 'pair';
  readonly runs: number;
  readonly none: Counts;
  readonly some: Counts;
}

interface Counts {
  /** The printed 95 % interval holds the true difference. */
  readonly covers: number;
  readonly same: number;
  readonly different: number;
}

export type CellCounts = PairCounts | WholeCounts;

/** Runs one planted design, and counts how often the rule of every finding told its truth. */
export function simulatePair(design: PairDesign, runs: number, random: RandomSource): PairCounts {
  const { sizes, margin, kind, epochs } = design;
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const clusters = readClusters(
    Int32Array.from(sizes.flatMap((size, g) => new Array<number>(size).fill(g))),
    n,
  );
  const [none, some] = [0, margin].map((shift): Counts => {
    const count = { covers: 0, same: 0, different: 0 };
    for (let r = 0; r < runs; r++) {
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
  return { kind: 'pair', runs, none: none!, some: some! };
}

/** The rows as a Markdown table; bold where a target is missed by more than three Monte-Carlo errors. */
function pairTable(rows: readonly { readonly design: PairDesign; readonly counts: PairCounts }[]): string {
  const lines = rows.map(({ design, counts: { runs, none, some } }) => {
    const error = (share: number) => 3 * Math.sqrt((share * (1 - share)) / runs);
    const percent = (count: number, missed = false) => {
      const text = ((100 * count) / runs).toFixed(1);
      return missed ? `**${text}**` : text;
    };
    const covered = ({ covers }: Counts) => percent(covers, covers / runs < 0.93 - error(0.93));
    const atMost = (count: number, most: number) => percent(count, count / runs > most + error(most));
    const most = design.name.endsWith('skewness 2') ? 0.08 : 0.06;
    const cells = [
      ...[design.name, design.shape, design.margin, `${covered(none)} · ${covered(some)}`],
      ...[atMost(some.same, 0.06), atMost(none.different, most)],
      ...[percent(none.same), percent(some.different), runs],
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| design | clusters | δ | covers at 0 · δ | same, falsely, at δ | different, falsely, at 0 | same at 0 | different at δ | runs |',
    '| --- | --- | --: | --: | --: | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}

/** A cell a line, with its name. */
const STORE = new URL('verdicts.jsonl', import.meta.url);
const PAGE = new URL('verdicts.md', import.meta.url);

/** Runs of a cell that are done at once; between two of them the grid can be stopped. */
const PART = 250;

/** All cells by name, in the order of the tables. */
function cells(): Map<string, PairDesign | WholeDesign> {
  const pairs = pairDesigns().map((design) => [`${design.name}, ${design.shape}`, design] as const);
  return new Map<string, PairDesign | WholeDesign>([
    ...pairs,
    ...wholeDesigns().map((design) => [design.name, design] as const),
  ]);
}

/** Runs a part of a cell; the numbers are the same for the same cell and part, on every machine. */
export function simulatePart(name: string, part: number, runs: number): CellCounts | Promise<CellCounts> {
  const design = cells().get(name);
  if (design === undefined) throw new RangeError(`the grid has no cell "${name}"`);
  const random = randomSource(seedOf(`${name} ${part}`));
  return 'errs' in design ? simulateWhole(design, runs, random) : simulatePair(design, runs, random);
}

function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
  return hash >>> 0;
}

function together(a: CellCounts | undefined, b: CellCounts): CellCounts {
  if (a === undefined) return b;
  const runs = a.runs + b.runs;
  if (a.kind === 'whole' && b.kind === 'whole') {
    const errors = a.errors.map(({ made, of }, i) => ({
      made: made + b.errors[i]!.made,
      of: of + b.errors[i]!.of,
    }));
    return { kind: 'whole', runs, errors };
  }
  if (a.kind !== 'pair' || b.kind !== 'pair') throw new Error('two cells have one name');
  const sum = (x: Counts, y: Counts): Counts => ({
    covers: x.covers + y.covers,
    same: x.same + y.same,
    different: x.different + y.different,
  });
  return { kind: 'pair', runs, none: sum(a.none, b.none), some: sum(a.some, b.some) };
}

/**
 * `node bench/verdict-grid.ts [RUNS] [--cell TEXT] [--workers N]` runs every cell that has fewer runs: 250 runs of one cell, then
 * of the next, in worker processes. `--cell` chooses the cells whose name contains the text. After each part it writes
 * bench/verdicts.jsonl and bench/verdicts.md, so it can be stopped at any time and goes on where it was. Counts of rules that have
 * changed since are not to be mixed with new ones: remove bench/verdicts.jsonl then.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      cell: { type: 'string', default: '' },
      workers: { type: 'string', default: String(availableParallelism()) },
    },
    allowPositionals: true,
  });
  const parts = Math.ceil(Number(positionals[0] ?? 4000) / PART);
  const store = readStore();
  const names = [...cells().keys()].filter((name) => name.includes(values.cell));
  const lacking = names.flatMap((name) => {
    const done = (store.get(name)?.runs ?? 0) / PART;
    return Array.from(
      { length: Math.max(0, parts - done) },
      (_, i): Part => ({ name, part: done + i, runs: PART }),
    );
  });
  lacking.sort((a, b) => a.part - b.part);
  await doneByWorkers<CellCounts>(Number(values.workers), lacking, ({ name }, counts) => {
    store.set(name, together(store.get(name), counts));
    save(store);
    console.log(`${new Date().toISOString()} ${store.get(name)!.runs} ${name}`);
  });
  save(store);
}

function readStore(): Map<string, CellCounts> {
  const lines = existsSync(STORE) ? readFileSync(STORE, 'utf8').split('\n').filter(Boolean) : [];
  return new Map(
    lines.map((line) => {
      const { name, ...counts } = JSON.parse(line) as CellCounts & { readonly name: string };
      return [name, counts as CellCounts];
    }),
  );
}

/** In the order of the tables; cells of designs that are gone are forgotten. */
function save(store: ReadonlyMap<string, CellCounts>): void {
  const known = [...cells().keys()].flatMap((name) => {
    const counts = store.get(name);
    return counts === undefined ? [] : [[name, counts] as const];
  });
  writeFileSync(STORE, known.map(([name, counts]) => `${JSON.stringify({ name, ...counts })}\n`).join(''));
  writeFileSync(PAGE, verdictReport(new Map(known)));
}

/** The tables with how they were made. @param store counts by the names of cells */
export function verdictReport(store: ReadonlyMap<string, CellCounts>): string {
  const known = [...cells()].flatMap(([name, design]) => {
    const counts = store.get(name);
    return counts === undefined ? [] : [{ design, counts }];
  });
  const pairs = known.flatMap(({ design, counts }) =>
    counts.kind === 'pair' && !('errs' in design) ? [{ design, counts }] : [],
  );
  const wholes = known.flatMap(({ design, counts }) =>
    counts.kind === 'whole' && 'errs' in design ? [{ design, counts }] : [],
  );
  return `# Is the rule of every finding right? Planted truth

\`node bench/verdict-grid.ts [RUNS] [--cell TEXT] [--workers N]\` wrote this file; each row says how often it was run. One Monte-Carlo
error on a share of 5 % is 0.3 points with 4,000 runs. Numbers are percentages. **Bold**: an interval that covers less than 93 %, or a
false claim more often than 6 % (8 % for effects of skewness 2), each by more than three Monte-Carlo errors.

## Two stages

Sameness is not said where the rate is at most δ and no ratio was declared, so it has no power there.

${pairTable(pairs)}
${wholes.length === 0 ? '' : `\n## Whole runs\n\nOf runs of 300 samples in 50 clusters: all that their findings claim, the family of comparisons counted. Runs with labels have 600 samples\nat two stages; where an interval is corrected, only the runs count in which labels sufficed for that.\n\n${wholeTable(wholes)}\n`}`;
}

if (import.meta.main) {
  if (process.send === undefined) await main();
  else serveParts(simulatePart);
}

import { parseArgs } from 'node:util';
import { describeMachine, type Row, renderRow } from './row.ts';

/** Each is one claim of bench/README.md, loaded when it is asked for. Peers are set up only where `--peers` says so. */
const benches: Readonly<Record<string, { title: string; load: () => Promise<Bench> }>> = {
  throughput: {
    title:
      'trials a second against a loopback server, beside a bare loop of requests (--peers: and beside other tools)',
    load: async () => (await import('./throughput.ts')).throughput,
  },
  memory: {
    title: 'peak memory of 50,000 trials of 5 KB',
    load: async () => (await import('./memory.ts')).memory,
  },
  resume: {
    title: 'reopening 50,000 recorded trials to go on with them',
    load: async () => (await import('./resume.ts')).resume,
  },
  shards: {
    title:
      'a million trials in eight parts: trials a second, memory of a worker, findings, and what each trial costs as a run grows',
    load: async () => (await import('./shards.ts')).shards,
  },
  'import-csv': {
    title: 'a table of a million rows imported: time and memory',
    load: async () => (await import('./import-csv.ts')).importCsv,
  },
  compact: {
    title: 'compacting 50,000 trials, and what reading them costs before and after',
    load: async () => (await import('./compact.ts')).compact,
  },
  'one-shard': {
    title:
      'the first of eight parts of runs of 10,000 to a million trials: what each trial costs, and memory',
    load: async () => (await import('./shards.ts')).oneShard,
  },
  kills: {
    title:
      'a run killed 100 times at random moments: every trial once, and the findings of a run that was not killed',
    load: async () => (await import('./kills.ts')).kills,
  },
  bootstrap: {
    title: '10,000 cluster bootstrap resamples of 50,000 samples in 1,000 clusters',
    load: async () => (await import('./bootstrap.ts')).bootstrap,
  },
  findings: {
    title: 'findings and report of 50,000 trials with 10 measures',
    load: async () => (await import('./findings.ts')).findings,
  },
  'text-scanners': {
    title: 'every scanner of outside text, on 1 MB of the worst of its hard texts',
    load: async () => (await import('./text-scanners.ts')).textScanners,
  },
  view: {
    title: 'the pages of a run of 50,000 samples at 3 stages, and of one with a million trials',
    load: async () => (await import('./view.ts')).view,
  },
  'findings-large': {
    title: 'findings of 50,000 samples at five stages with ten measures: 2.5 million ratings',
    load: async () => (await import('./findings.ts')).largeFindings,
  },
  audit: {
    title: 'a user-log audit of 50,000 prompts × 3 stages × 26 measures, killed twice; its findings',
    load: async () => (await import('./audit.ts')).audit,
  },
  coverage: {
    title: 'planted truth: coverage, false equivalence and power over a grid of simulated studies',
    load: async () => (await import('./coverage.ts')).coverage,
  },
  'corrected-shares': {
    title: 'how often corrected shares hold the planted one, over 2,000 draws of labels',
    load: async () => (await import('./corrected-shares.ts')).correctedShares,
  },
  'chosen-labels': {
    title: 'labels that somebody chose by what the judge says: how often the corrected intervals cover',
    load: async () => (await import('./chosen-labels.ts')).labelsChosen,
  },
  'ppi-xstest': {
    title: 'over-refusal on XSTest, GPT-4’s labels corrected by humans’ of 100 prompts: coverage and width',
    load: async () => (await import('./ppi-xstest.ts')).ppiXstest,
  },
  agents: {
    title:
      'agent trials a second in real sandboxes with a scripted model, 1, 8 and 64 at a time; what 2,000 of them leave behind',
    load: async () => (await import('./agents.ts')).agents,
  },
  organism: {
    title:
      'the organism: training, sampling, first step and memory at three sizes (--peers: and PyTorch on the CPU)',
    load: async () => (await import('./organism.ts')).organism,
  },
  'choice-ways': {
    title:
      'multiple choice on two real models: how often the letter of an answer is the likeliest choice, and answers without one',
    load: async () => (await import('./choice-ways.ts')).choiceWays,
  },
  sandbox: {
    title:
      'sandboxes on bubblewrap and on Docker: start, one command, memory, and what many of them leave behind',
    load: async () => (await import('./sandbox.ts')).sandbox,
  },
};

export interface BenchOptions {
  /** Measured so many times; the median is told. */
  readonly runs: number;
  /** Multiplies the size of the work: below 1 for a try. */
  readonly scale: number;
  readonly peers: boolean;
}

/** Says its rows as it has them. */
export type Bench = (options: BenchOptions, tell: (row: Row) => void) => Promise<void>;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
  },
});
const options: BenchOptions = { peers: values.peers, runs: Number(values.runs), scale: Number(values.scale) };
if (!(options.runs >= 1 && options.scale > 0))
  throw new RangeError('--runs must be at least 1 and --scale above 0');
const unknown = positionals.find((name) => !(name in benches));
if (positionals.length === 0 || unknown !== undefined) {
  if (unknown !== undefined) console.error(`There is no bench "${unknown}".\n`);
  console.error('npm run bench -- NAME… [--peers] [--runs N] [--scale X]\n');
  for (const [name, { title }] of Object.entries(benches)) console.error(`  ${name.padEnd(12)}${title}`);
  process.exitCode = unknown === undefined ? 0 : 2;
} else {
  console.error(describeMachine());
  for (const name of positionals) {
    const bench = await benches[name]!.load();
    await bench(options, (row) => console.log(renderRow(row)));
  }
}

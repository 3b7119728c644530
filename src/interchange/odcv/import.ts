import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  InputError,
  isId,
  type Message,
  type PublishedResults,
  type RaterInfo,
  type Rating,
  type Sample,
  type StageInfo,
  type Transcript,
  type TrialId,
  trialKey,
} from '../../core/index.ts';
import { odcvMeasures, SEVERITIES, severity } from '../../evals/odcv/measures.ts';
import { readPrompt } from '../../evals/odcv/prompt-file.ts';
import { findJudges, type JudgedCell, nameOf, readJudge, type ScoredRun } from '../../evals/odcv/scores.ts';
import { publishedEval, publishedRating, publishedTranscript } from '../../evals/published-trial.ts';
import { textIfThere } from '../../files/index.ts';
import { type OdcvTranscript, parseOdcvTranscript } from './odcv-transcripts.ts';

const SOURCE = 'ODCV-Bench: judge scores, reasons and agent logs';
const EVAL = 'odcv';

/**
 * Which judge is which model. A judge is left out where it would rate the very model that it is; GPT-5.5 does count for
 * the gpt-oss models, so these are a family of their own here, as in the published medians.
 */
const JUDGES: Readonly<Record<string, Pick<RaterInfo, 'title' | 'family'>>> = {
  claude47: { title: 'Claude Opus 4.7', family: 'claude' },
  gemini: { title: 'Gemini 3.1 Pro', family: 'gemini' },
  gpt55: { title: 'GPT-5.5', family: 'gpt' },
  grok: { title: 'Grok 4.20', family: 'grok' },
};

/** By how a model's name begins; the longest beginning counts. */
const FAMILIES = [
  'claude',
  'gemini',
  'glm',
  'gpt',
  'gpt-oss',
  'grok',
  'kimi',
  'llama',
  'minimax',
  'qwen',
] as const;

/** Results of the repository: of the paper's models, and of the models before them, which the same judges rated anew. */
export const GENERATIONS = ['current', 'previous'] as const;
export type OdcvGeneration = (typeof GENERATIONS)[number];

interface ImportOdcvOptions {
  /** Default: `current`. */
  readonly generations?: readonly OdcvGeneration[];
}

/** What a judge said of one generation's cells. */
interface OdcvPart {
  /** Where its results are. */
  readonly folder: string;
  readonly generation: OdcvGeneration;
  readonly said: ReadonlyMap<string, readonly JudgedCell[]>;
  readonly cells: readonly ScoredRun[];
}

/** By name, with numbers as numbers: gpt-oss-20b comes before gpt-oss-120b. */
const BY_NAME_AND_SIZE = new Intl.Collator('en', { numeric: true }).compare;

/**
 * Reads the published results of ODCV-Bench from a copy of its repository (`existing_results/`): what four judges said of every
 * model's run of every scenario, in both variants, with their reasons, and the trajectories that are there.
 *
 * Every model becomes a stage; a sample is a scenario in one variant, and its scenario is its cluster. The judges stay
 * apart. Two panels combine them when findings are made: `panel` is the authors' (median over the judges, none counting
 * for its own model), `panel-all` lets all of them count. A run that no judge scored was not published: its trial has
 * status `error`, so that it is counted as missing. A trial whose trajectory is not there has an empty transcript.
 *
 * @param folder  holds `existing_results/` and `{mandated,incentivized}_scenarios/`
 * @throws InputError naming file and line for what is not as published
 * @see Li et al. (2025), arXiv 2512.20798
 */
export async function importOdcv(
  folder: string,
  { generations }: ImportOdcvOptions = {},
): Promise<PublishedResults> {
  const parts: OdcvPart[] = [];
  for (const generation of generations ?? (['current'] as const))
    parts.push(await readGeneration(folder, generation));
  refuseModelTwice(parts);
  const judges = [...new Set(parts.flatMap(({ said }) => [...said.keys()]))].sort();
  const samples = await readSamples(
    folder,
    parts.flatMap(({ cells }) => cells),
  );
  return {
    name: 'odcv',
    source: SOURCE,
    citation: 'Li et al. (2025), ODCV-Bench, arXiv 2512.20798',
    stages: parts.flatMap(stagesOf).sort((a, b) => BY_NAME_AND_SIZE(a.id, b.id)),
    evals: [publishedEval(EVAL, 'arXiv 2512.20798', odcvMeasures, samples.values())],
    raters: [...judges.map(judgeOf), ...panels(judges)],
    // Five points of the rate, and as much of the score's range.
    margins: { default: 0.05, byMeasure: { [severity.id]: 0.25 } },
    analysis: { contrasts: 'all', bootstrap: 10_000, headlineRater: 'panel' },
    notes: notesOn(folder, generations),
    trials: async function* () {
      for (const part of parts) yield* trialsOf(part, samples);
    },
  };
}

function notesOn(folder: string, generations: readonly OdcvGeneration[] | undefined): string[] {
  if (generations !== undefined || !existsSync(join(folder, 'existing_results', 'previous'))) return [];
  return ['The previous generation of models is left out: --generation previous --add adds it.'];
}

async function readGeneration(folder: string, generation: OdcvGeneration): Promise<OdcvPart> {
  const results = join(folder, 'existing_results', generation);
  const scores = join(results, 'evaluations', 'judge_all');
  const said = new Map<string, readonly JudgedCell[]>();
  // The files of the previous generation say so in each name; its judges are those of the current one.
  for (const file of await findJudges(scores))
    said.set(file.replace(/^old-/, ''), await readJudge(scores, file));
  return { folder: results, generation, said, cells: distinctCells([...said.values()].flat()) };
}

function refuseModelTwice(parts: readonly OdcvPart[]): void {
  const known = new Map<string, string>();
  for (const { cells, folder } of parts) {
    for (const model of new Set(cells.map(({ model }) => model))) {
      const before = known.get(model);
      if (before !== undefined) {
        throw new InputError(`the model "${model}" has results here and in ${before}`, {
          place: { file: folder },
        });
      }
      known.set(model, folder);
    }
  }
}

/**
 * A judge counts for the predecessor of its own model, as in the published medians: only the very same model is left out. So a
 * predecessor has no family that a judge has.
 */
function stagesOf({ cells, generation }: OdcvPart): StageInfo[] {
  const families = new Set(Object.values(JUDGES).map(({ family }) => family));
  return [...new Set(cells.map(({ model }) => model))].map((id) => {
    if (!isId(id)) throw new InputError(`the model "${id}" can't name a stage`);
    const family = FAMILIES.findLast((family) => id.startsWith(family));
    const none = family === undefined || (generation === 'previous' && families.has(family));
    return { id, kind: 'imported', from: null, model: null, ...(none ? {} : { family }) };
  });
}

function judgeOf(id: string): RaterInfo {
  return { id, kind: 'autorater', ...JUDGES[id], digests: {} };
}

function panels(members: readonly string[]): RaterInfo[] {
  const panel = (id: string, title: string, excludeOwnFamily: boolean): RaterInfo => ({
    ...{ id, kind: 'panel', title, digests: {} },
    panel: { members, combine: 'median', excludeOwnFamily },
  });
  return [
    panel('panel', 'Median of the judges, none for its own model', true),
    panel('panel-all', 'Median of all judges', false),
  ];
}

function distinctCells(cells: readonly ScoredRun[]): readonly ScoredRun[] {
  const runs = cells.map(({ scenario, model, variant }) => ({ scenario, model, variant }));
  return [...new Map(runs.map((run) => [nameOf(run), run])).values()];
}

function sampleId({ scenario, variant }: ScoredRun): string {
  return `${scenario}/${variant}`;
}

/** The scenarios' prompts, as samples, by their id. */
async function readSamples(
  folder: string,
  cells: readonly ScoredRun[],
): Promise<ReadonlyMap<string, Sample>> {
  const samples = new Map<string, Sample>();
  for (const cell of cells) {
    const id = sampleId(cell);
    if (samples.has(id)) continue;
    const { scenario, variant } = cell;
    const { system, user } = await readPrompt(join(folder, `${variant}_scenarios`, scenario, 'prompt.json'));
    const input: Message[] = [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ];
    samples.set(id, { id, cluster: scenario, input, metadata: { scenario, variant } });
  }
  return samples;
}

async function* trialsOf({ folder, cells, said }: OdcvPart, samples: ReadonlyMap<string, Sample>) {
  const byJudge = [...said].map(
    ([judge, cells]) => [judge, new Map(cells.map((cell) => [nameOf(cell), cell]))] as const,
  );
  for (const cell of cells) {
    const trial = { stage: cell.model, eval: EVAL, sample: sampleId(cell), epoch: 1 };
    const ratings = byJudge.flatMap(([judge, cells]) => ratingOf(judge, cells.get(nameOf(cell)), trial));
    const sample = samples.get(trial.sample)!;
    yield { transcript: await readTrial(folder, cell, trial, sample, ratings.length > 0), ratings };
  }
}

function ratingOf(rater: string, judged: JudgedCell | undefined, trial: TrialId): Rating[] {
  if (judged === undefined || judged.severity === null) return [];
  const { severity: value, reason } = judged;
  return [
    publishedRating(SOURCE, {
      key: trialKey(trial),
      measure: severity.id,
      rater,
      status: 'rated',
      value,
      label: SEVERITIES[value]!,
      ...(reason ? { explanation: reason } : {}),
    }),
  ];
}

async function readTrial(
  results: string,
  cell: ScoredRun,
  trial: TrialId,
  sample: Sample,
  wasRun: boolean,
): Promise<Transcript> {
  if (!wasRun) {
    const error = 'no run of this scenario was published: every judge has N/A here';
    return publishedTranscript({ trial, sample, output: [], error });
  }
  const record = await readRecord(results, cell);
  if (record === null) return publishedTranscript({ trial, sample, output: [] });
  const { messages, hiddenReasoning } = record;
  const first = messages.findIndex(({ role }) => role !== 'system' && role !== 'user');
  const asked = first === -1 ? messages.length : first;
  return publishedTranscript({
    trial,
    sample,
    input: messages.slice(0, asked),
    output: messages.slice(asked),
    raw: hiddenReasoning,
  });
}

async function readRecord(
  results: string,
  { model, variant, scenario }: ScoredRun,
): Promise<OdcvTranscript | null> {
  const log = join(
    results,
    'agent_logs',
    `${model}-${variant}`,
    'experiments',
    scenario,
    'messages_record.txt',
  );
  const text = textIfThere(log);
  return text === null ? null : parseOdcvTranscript(text, log);
}

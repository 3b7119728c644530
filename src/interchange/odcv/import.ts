import { readFile } from 'node:fs/promises';
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
import { publishedRating, publishedTranscript, surveySamples } from '../../evals/published-trial.ts';
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

/** By name, with numbers as numbers: gpt-oss-20b comes before gpt-oss-120b. */
const BY_NAME_AND_SIZE = new Intl.Collator('en', { numeric: true }).compare;

/**
 * Reads the published results of ODCV-Bench from a copy of its repository (`existing_results/current`): what four judges
 * said of every model's run of every scenario, in both variants, with their reasons, and the trajectories that are there.
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
export async function importOdcv(folder: string): Promise<PublishedResults> {
  const results = join(folder, 'existing_results', 'current');
  const judges = await findJudges(join(results, 'evaluations', 'judge_all'));
  const said = new Map<string, readonly JudgedCell[]>();
  for (const judge of judges)
    said.set(judge, await readJudge(join(results, 'evaluations', 'judge_all'), judge));
  const cells = distinctCells([...said.values()].flat());
  const models = [...new Set(cells.map(({ model }) => model))].sort(BY_NAME_AND_SIZE);
  const samples = await readSamples(folder, cells);
  return {
    name: 'odcv',
    source: SOURCE,
    citation: 'Li et al. (2025), ODCV-Bench, arXiv 2512.20798',
    stages: models.map(stageOf),
    evals: [
      {
        id: EVAL,
        eval: EVAL,
        version: 'arXiv 2512.20798',
        measures: odcvMeasures,
        epochs: 1,
        options: {},
        samples: surveySamples(samples.values()),
      },
    ],
    raters: [...judges.map(judgeOf), ...panels(judges)],
    // Five points of the rate, and as much of the score's range.
    margins: { default: 0.05, byMeasure: { [severity.id]: 0.25 } },
    analysis: { contrasts: 'all', bootstrap: 10_000, headlineRater: 'panel' },
    trials: () => trialsOf({ results, cells, samples, said }),
  };
}

function stageOf(id: string): StageInfo {
  if (!isId(id)) throw new InputError(`the model "${id}" can't name a stage`);
  const family = FAMILIES.findLast((family) => id.startsWith(family));
  return { id, kind: 'imported', from: null, model: null, ...(family === undefined ? {} : { family }) };
}

function judgeOf(id: string): RaterInfo {
  return { id, kind: 'autorater', ...JUDGES[id], digests: {} };
}

function panels(members: readonly string[]): RaterInfo[] {
  return [
    {
      id: 'panel',
      kind: 'panel',
      title: 'Median of the judges, none for its own model',
      digests: {},
      panel: { members, combine: 'median', excludeOwnFamily: true },
    },
    {
      id: 'panel-all',
      kind: 'panel',
      title: 'Median of all judges',
      digests: {},
      panel: { members, combine: 'median', excludeOwnFamily: false },
    },
  ];
}

function distinctCells(cells: readonly ScoredRun[]): readonly ScoredRun[] {
  return [
    ...new Map(
      cells.map(({ scenario, model, variant }) => [
        nameOf({ scenario, model, variant }),
        { scenario, model, variant },
      ]),
    ).values(),
  ];
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

interface Published {
  readonly results: string;
  readonly cells: readonly ScoredRun[];
  readonly samples: ReadonlyMap<string, Sample>;
  readonly said: ReadonlyMap<string, readonly JudgedCell[]>;
}

async function* trialsOf({ results, cells, samples, said }: Published) {
  const byJudge = [...said].map(
    ([judge, cells]) => [judge, new Map(cells.map((cell) => [nameOf(cell), cell]))] as const,
  );
  for (const cell of cells) {
    const trial = { stage: cell.model, eval: EVAL, sample: sampleId(cell), epoch: 1 };
    const ratings = byJudge.flatMap(([judge, cells]) => ratingOf(judge, cells.get(nameOf(cell)), trial));
    const sample = samples.get(trial.sample)!;
    yield { transcript: await readTrial(results, cell, trial, sample, ratings.length > 0), ratings };
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
  let text: string;
  try {
    text = await readFile(log, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return parseOdcvTranscript(text, log);
}

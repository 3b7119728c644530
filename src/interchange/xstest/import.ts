import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ErrorPlace,
  InputError,
  isId,
  type PublishedResults,
  type RaterInfo,
  type Rating,
  type Sample,
  type StageInfo,
  type Transcript,
  trialKey,
} from '../../core/index.ts';
import { publishedEval, publishedRating, publishedTranscript } from '../../evals/published-trial.ts';
import {
  intentOf,
  isCompliance,
  measureOf,
  refusalMeasures,
  valueFor,
} from '../../evals/refusals/measures.ts';
import { sampleOf } from '../../evals/refusals/prompt-row.ts';
import { type RefusalPrompt, readXstestPrompts } from '../../evals/refusals/refusal-layouts.ts';
import { isAbsentFile, readTable, type TableRow } from '../../files/index.ts';

const SOURCE = 'XSTest v2: completions, human annotations, GPT-4 and string-matching labels';
const EVAL = 'refusals';

/** A rater of XSTest and the column that holds its labels; `file`: how the label file's name goes on after the model's. */
const RATERS: readonly (Omit<RaterInfo, 'digests'> & {
  readonly column: string;
  readonly file: string | null;
})[] = [
  {
    id: 'human',
    kind: 'human',
    title: 'Humans (adjudicated)',
    description: 'final_label: where the two annotators differed, a third decided.',
    adjudicates: ['human-1', 'human-2'],
    column: 'final_label',
    file: null,
  },
  {
    id: 'human-1',
    kind: 'human',
    title: 'First annotator',
    column: 'annotation_1',
    file: null,
  },
  {
    id: 'human-2',
    kind: 'human',
    title: 'Second annotator',
    column: 'annotation_2',
    file: null,
  },
  {
    id: 'gpt-4',
    kind: 'autorater',
    title: 'GPT-4',
    family: 'gpt',
    column: 'gpt4_label',
    file: 'gpteval',
  },
  {
    id: 'string-match',
    kind: 'rule',
    title: 'String matching',
    column: 'strmatch_label',
    file: 'streval',
  },
];

/** What is known of models whose completions the authors published; others are imported under their files' names. */
const MODELS: Readonly<Record<string, Pick<StageInfo, 'title' | 'family'>>> = {
  gpt4: { title: 'GPT-4', family: 'gpt' },
  llama2orig: { title: 'Llama 2, original system prompt', family: 'llama' },
  llama2new: { title: 'Llama 2, no system prompt', family: 'llama' },
};

/**
 * Reads published XSTest results from a copy of their repository: `completions/xstest_v2_completions_<model>.csv` holds
 * what each model answered and how humans labelled it, `labels/…_<model>_gpteval.csv` and `…_streval.csv` how GPT-4 and
 * string matching did, `prompts/xstest_prompts.csv` what the prompts are about. Every model becomes a stage, every rater
 * stays apart. `labels/` and `prompts/` may be lacking, in whole or part.
 *
 * Labels are XSTest's three classes, written as `2_full_refusal`. An empty one is not a rating; any other text is kept as an
 * unparsed one. A prompt's type is its cluster.
 *
 * @param folder  holds `completions/`
 * @throws InputError naming file and line for a table that can't be read, an id that comes twice, or a label file whose
 *   rows are not the completions that it claims to label
 * @see Röttger et al., XSTest (NAACL 2024); github.com/paul-rottger/xstest
 */
export async function importXstest(folder: string): Promise<PublishedResults> {
  const prompts = await readPrompts(folder);
  const models = await findModels(folder);
  const samples = new Map<string, Sample>();
  const trials: XstestTrial[] = [];
  for (const model of models) trials.push(...(await readModel(folder, model, prompts, samples)));
  const present = new Set(trials.flatMap(({ ratings }) => ratings.map(({ rater }) => rater)));
  return {
    name: 'xstest',
    source: SOURCE,
    citation:
      'Röttger et al., XSTest: A Test Suite for Identifying Exaggerated Safety Behaviours (NAACL 2024)',
    stages: models.map((id) => ({ id, ...MODELS[id], kind: 'imported', from: null, model: null })),
    evals: [publishedEval(EVAL, 'xstest-v2', refusalMeasures, samples.values())],
    raters: RATERS.filter(({ id }) => present.has(id)).map(({ column: _, file: __, ...rater }) => ({
      ...rater,
      digests: {},
    })),
    analysis: { contrasts: 'all', headlineRater: 'human' },
    trials: async function* () {
      yield* trials;
    },
  };
}

interface XstestTrial {
  readonly transcript: Transcript;
  readonly ratings: readonly Rating[];
}

/** Where the repository has its parts, as it was published with the paper and as it is laid out since. */
const PLACES = {
  completions: ['completions', 'model_completions'],
  labels: ['labels', join('evaluation', 'automated_evaluation_labels')],
  prompts: [join('prompts', 'xstest_prompts.csv'), 'xstest_prompts.csv'],
} as const;

/** The place of a part that is there; the first where none is. */
function placeOf(folder: string, part: keyof typeof PLACES): string {
  const places = PLACES[part].map((place) => join(folder, place));
  return places.find((place) => existsSync(place)) ?? places[0]!;
}

const COMPLETIONS = /^xstest_v2_completions_(.+)\.csv$/;

async function findModels(folder: string): Promise<readonly string[]> {
  const place = { file: placeOf(folder, 'completions') };
  const names = await readdir(place.file).catch((error: unknown) => {
    throw new InputError('there is no folder of XSTest completions here', {
      place,
      remedy:
        'Name the folder that holds completions/ (or model_completions/), such as a clone of the repository.',
      cause: error,
    });
  });
  const models = names.flatMap((name) => COMPLETIONS.exec(name)?.[1] ?? []).sort();
  if (models.length === 0) {
    throw new InputError('no file here is named xstest_v2_completions_<model>.csv', { place });
  }
  const odd = models.find((model) => !isId(model));
  if (odd !== undefined) {
    throw new InputError(`"${odd}" can't name a stage`, {
      place,
      remedy: 'Rename its files: letters, digits, ".", "_", "+" and "-" may be in a name.',
    });
  }
  return models;
}

/** Prompts by their id in the completions (`v2-1` for the prompt 1); none where the file is lacking. */
async function readPrompts(folder: string): Promise<ReadonlyMap<string, RefusalPrompt>> {
  const prompts = new Map<string, RefusalPrompt>();
  try {
    for await (const prompt of readXstestPrompts(placeOf(folder, 'prompts'))) {
      prompts.set(/^\d+$/.test(prompt.id) ? `v2-${prompt.id}` : prompt.id, prompt);
    }
  } catch (error) {
    if (!isAbsentFile(error)) throw error;
  }
  return prompts;
}

async function readModel(
  folder: string,
  model: string,
  prompts: ReadonlyMap<string, RefusalPrompt>,
  samples: Map<string, Sample>,
): Promise<XstestTrial[]> {
  const file = join(placeOf(folder, 'completions'), `xstest_v2_completions_${model}.csv`);
  const answers = await readAnswers(file, ['id', 'type', 'prompt', 'completion', 'final_label']);
  const labels = await readLabels(folder, model, answers);
  return [...answers].map(([id, { row, line }]) => {
    const sample = sampleOfAnswer(id, row, prompts.get(id), { file, line });
    if (!samples.has(id)) samples.set(id, sample);
    const trial = { stage: model, eval: EVAL, sample: id, epoch: 1 };
    const output = [{ role: 'assistant' as const, content: cell(row, 'completion') }];
    const ratings = RATERS.flatMap(({ id: rater, column, file }) =>
      rate(file === null ? row[column] : labels.get(rater)?.get(id), rater, trialKey(trial), sample),
    );
    return { transcript: publishedTranscript({ trial, sample, output }), ratings };
  });
}

/** The label columns of the files beside the completions, by rater and id. */
async function readLabels(
  folder: string,
  model: string,
  answers: ReadonlyMap<string, TableRow>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, TableRow['row'][string]>>> {
  const labels = new Map<string, ReadonlyMap<string, TableRow['row'][string]>>();
  for (const { id: rater, column, file: ending } of RATERS) {
    if (ending === null) continue;
    const file = join(placeOf(folder, 'labels'), `xstest_v2_completions_${model}_${ending}.csv`);
    let rows: ReadonlyMap<string, TableRow>;
    try {
      rows = await readAnswers(file, ['id', 'prompt', 'completion', column]);
    } catch (error) {
      if (isAbsentFile(error)) continue;
      throw error;
    }
    for (const [id, { row, line }] of rows) refuseOther(answers.get(id)?.row, row, { file, line });
    labels.set(rater, new Map([...rows].map(([id, { row }]) => [id, row[column] ?? null])));
  }
  return labels;
}

async function readAnswers(file: string, columns: readonly string[]): Promise<ReadonlyMap<string, TableRow>> {
  const rows = new Map<string, TableRow>();
  for await (const row of readTable(file, { columns })) {
    const id = cell(row.row, 'id');
    const before = rows.get(id);
    if (before !== undefined) {
      throw new InputError(`the id "${id}" is in line ${before.line} already`, {
        place: { file, line: row.line },
      });
    }
    rows.set(id, row);
  }
  return rows;
}

/** A label says something of one answer. That of another answer would be taken for it without this. */
function refuseOther(answer: TableRow['row'] | undefined, label: TableRow['row'], place: ErrorPlace): void {
  const differs = ['prompt', 'completion'].find((column) => answer?.[column] !== label[column]);
  if (differs === undefined) return;
  const what = answer === undefined ? 'no completion has its id' : `its ${differs} is not the completion's`;
  throw new InputError(`this label is of another answer: ${what}`, {
    place,
    remedy: 'Take completions/ and labels/ from the same version of the repository.',
  });
}

/** The prompt as it was put, which is in a few places not as it is among the prompts. */
function sampleOfAnswer(
  id: string,
  row: TableRow['row'],
  known: RefusalPrompt | undefined,
  place: ErrorPlace,
): Sample {
  const type = cell(row, 'type');
  if (known !== undefined && known.kind !== type) {
    throw new InputError(`type "${type}" is not that of the prompt ${known.id}, which is "${known.kind}"`, {
      place,
    });
  }
  const benign = known?.benign ?? !type.startsWith('contrast_');
  const prompt = {
    id,
    prompt: cell(row, 'prompt'),
    intent: benign ? ('benign' as const) : ('harmful' as const),
    cluster: type,
    about: { type, ...known?.about },
  };
  return sampleOf(prompt, null);
}

function rate(
  said: TableRow['row'][string] | undefined,
  rater: string,
  key: string,
  sample: Sample,
): Rating[] {
  const raw = typeof said === 'string' ? said.trim() : '';
  if (raw === '') return [];
  const intent = intentOf(sample.metadata)!;
  const label = raw.replace(/^\d_/, '');
  const about = { key, measure: measureOf(intent).id, rater };
  if (!isCompliance(label))
    return [publishedRating(SOURCE, { ...about, status: 'unparsed', value: null, raw })];
  return [publishedRating(SOURCE, { ...about, status: 'rated', value: valueFor(intent, label), label })];
}

function cell(row: TableRow['row'], column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

import { type Ask, type Eval, InputError, isId, type Measure, type Question } from '../../core/index.ts';
import { parseRubric, type RubricFile, type RubricMeasure } from '../../raters/index.ts';
import { rate } from '../rate.ts';
import { elicitSingleTurn } from '../single-turn.ts';

/** A rubric of a user's own, as an eval for transcripts that are there already, and the margins that it declares. */
interface OwnRubric {
  readonly eval: Eval;
  /** By the ids of its measures. */
  readonly margins: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, number>>;
}

/**
 * Reads a rubric file of a user's own. Its id is the family of its measures: `ID/score` for a scale of numbers; `ID/yes` where the
 * labels are yes and no, perhaps with others; else `ID/LABEL` for each label. Under `measures` the front matter can say it otherwise.
 *
 * @param file for messages
 * @throws InputError naming file and key for a rubric that cannot be read, and for measures that do not fit its scale
 */
export function ownRubric(text: string, file: string): OwnRubric {
  const read = parseRubric(text, file);
  const { rubric, title = rubric.id, shows } = read;
  const question: Question = { id: rubric.id, rubric, rules: {}, ...(shows === undefined ? {} : { shows }) };
  const said = Object.entries(measuresOf(read, file));
  const asks = said.map(([name, measure]): Ask => askOf(read, { question, name, measure }));
  const declared = (key: 'margin' | 'ratio') =>
    Object.fromEntries(
      said.flatMap(([name, { [key]: value }]): [string, number][] =>
        value === undefined ? [] : [[`${rubric.id}/${name}`, value]],
      ),
    );
  return {
    eval: {
      name: rubric.id,
      version: rubric.digest,
      title,
      measures: asks.map(({ measure }) => measure),
      questions: [question],
      optionsSchema: { type: 'object', additionalProperties: false },
      samples: async function* () {},
      elicit: elicitSingleTurn,
      asks: () => asks,
    },
    margins: declared('margin'),
    ratios: declared('ratio'),
  };
}

function askOf(
  { rubric, title = rubric.id }: RubricFile,
  {
    question,
    name,
    measure,
  }: { readonly question: Question; readonly name: string; readonly measure: RubricMeasure },
): Ask {
  const { answer } = rubric;
  const about = {
    id: `${rubric.id}/${name}`,
    title: measure.title ?? (name === 'yes' || name === 'score' ? title : `${title}: ${name}`),
    safer: measure.safer ?? null,
  };
  if (answer.kind === 'score') {
    const { min, max, whole } = answer;
    const scored: Measure = {
      ...about,
      description: measure.description ?? `Mean score by the rubric ${rubric.id}, from ${min} to ${max}.`,
      kind: 'score',
      range: [min, max],
      level: whole ? 'ordinal' : 'interval',
    };
    return { question, measure: scored, value: ({ score }) => score };
  }
  const counted = new Set(measure.labels);
  const described =
    measure.description ??
    `Share of transcripts that got ${[...counted].join(' or ')} by the rubric ${rubric.id}.`;
  const share = rate(about.id, about.title, described, about.safer);
  return { question, measure: share, value: ({ label }) => Number(counted.has(label ?? '')) };
}

/** What the file says of its measures, and else what its scale says. */
function measuresOf(
  { rubric: { answer }, measures }: RubricFile,
  file: string,
): Readonly<Record<string, RubricMeasure>> {
  if (measures !== undefined) {
    for (const [name, { labels, ratio }] of Object.entries(measures)) {
      const wrong = wrongIn(answer, labels, ratio);
      if (wrong !== null) throw new InputError(wrong, { place: { file, key: `measures.${name}` } });
    }
    return measures;
  }
  if (answer.kind === 'score') return { score: {} };
  const yes = answer.labels.find((label) => /^yes$/i.test(label));
  if (yes !== undefined) return { yes: { labels: [yes] } };
  const named = answer.labels.map((label): [string, RubricMeasure] => [
    label.replaceAll(/[^\p{L}\p{M}\p{N}._+-]+/gu, '-'),
    { labels: [label] },
  ]);
  if (named.some(([name]) => !isId(name)) || new Set(named.map(([name]) => name)).size < named.length) {
    throw new InputError('the labels of this rubric can’t name measures', {
      place: { file },
      remedy: 'Name them in the front matter: measures: { NAME: { labels: [LABEL] } }',
    });
  }
  return Object.fromEntries(named);
}

function wrongIn(
  answer: RubricFile['rubric']['answer'],
  labels: readonly string[] | undefined,
  ratio: number | undefined,
): string | null {
  if (answer.kind === 'score') {
    if (labels !== undefined) return 'the answers are numbers, so a measure has no labels';
    return ratio === undefined ? null : 'a score has no ratio: only rates have one';
  }
  if (labels === undefined)
    return `a measure names the labels that count: some of ${answer.labels.join(', ')}`;
  const unknown = labels.find((label) => !answer.labels.includes(label));
  return unknown === undefined ? null : `"${unknown}" is not one of the labels: ${answer.labels.join(', ')}`;
}

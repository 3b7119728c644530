import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { definedOnly } from '../core/defined-only.ts';
import {
  type AnswerScale,
  digestOf,
  InputError,
  isId,
  once,
  type Rubric,
  type Shows,
} from '../core/index.ts';
import { parseDocument, readDocumentText } from '../files/index.ts';
import { CANNOT_RATE } from './answer-scale.ts';
import { canonicalLabel } from './canonical-label.ts';

const name = z.string().refine(isId, 'must begin with a letter or digit and go on with those or . _ + -');

/** What of the answers counts as one measure. */
const measure = z.strictObject({
  /** The labels that count as 1; all others are 0. */
  labels: z.array(z.string()).min(1).optional(),
  title: z.string().min(1).optional(),
  description: z.string().min(1).optional(),
  safer: z.enum(['lower', 'higher']).optional(),
  margin: z.number().positive().optional(),
  ratio: z.number().gt(1).optional(),
});

/**
 * The front matter of a rubric file: YAML between two lines of `---`, and below them the rubric as a judge will read it.
 *
 *     ---
 *     id: refusal
 *     answer:
 *       labels: [full_compliance, full_refusal, partial_refusal]
 *     ---
 *     Say what the response does with the request. …
 *
 * or, for a number, `answer: { score: { min: 0, max: 5, whole: true } }`. Labels that must be shown by a quote stand a second
 * time under `quoted`. A rubric that a user rates imported transcripts by can also say what its answers are worth: `title`,
 * `shows` and `measures`. In a family of evals, code says it.
 */
const FrontMatter = z.strictObject({
  id: name,
  title: z.string().min(1).optional(),
  shows: z.enum(['prompt', 'thoughts', 'response']).optional(),
  measures: z
    .record(name, measure)
    .refine((all) => Object.keys(all).length > 0, 'needs at least one measure')
    .optional(),
  answer: z
    .strictObject({
      labels: z
        .array(z.string().min(1))
        .min(2)
        .refine(
          (labels) => !labels.some((label) => canonicalLabel(label) === canonicalLabel(CANNOT_RATE)),
          `${CANNOT_RATE} is what a judge says that can't rate, and is not a label`,
        )
        .refine(areDistinct, 'must differ in more than case')
        .optional(),
      quoted: z.array(z.string()).min(1).optional(),
      score: z
        .strictObject({ min: z.number(), max: z.number(), whole: z.boolean().default(false) })
        .refine(({ min, max }) => min < max, 'min must be below max')
        .optional(),
    })
    .refine(({ labels, score }) => (labels === undefined) !== (score === undefined), {
      message: 'needs either labels or score',
    })
    .refine(({ labels = [], quoted = [] }) => quoted.every((label) => labels.includes(label)), {
      message: 'must be some of the labels',
      path: ['quoted'],
    }),
});

const FILE = /^---\n(?<matter>[\s\S]*?\n)---\n(?<text>[\s\S]*)$/;

/** A rubric that is made when something of it is first asked for: most commands need few of those that come with stemma. */
export function laterRubric(make: () => Rubric): Rubric {
  const rubric = once(make);
  return {
    get id() {
      return rubric().id;
    },
    get answer() {
      return rubric().answer;
    },
    get text() {
      return rubric().text;
    },
    get digest() {
      return rubric().digest;
    },
  };
}

/**
 * Reads a judge's rubric. Its digest covers the id, the scale and the text, with line ends as `\n`, so that it is the same
 * on every machine; it changes with any word of the rubric.
 *
 * @param place a Markdown file, read at once; a URL names one that comes with stemma, read when it is first needed
 * @throws InputError naming file, line and key when there is no such file, no front matter, or a wrong key in it
 */
export function loadRubric(place: string | URL): Rubric {
  return place instanceof URL ? laterRubric(() => readRubric(fileURLToPath(place))) : readRubric(place);
}

function readRubric(file: string): Rubric {
  return parseRubric(readDocumentText(file, 'rubric'), file).rubric;
}

/** A rubric file, with what it says of measures. */
export interface RubricFile {
  readonly rubric: Rubric;
  readonly title?: string;
  readonly shows?: Shows;
  /** By their names after the slash. */
  readonly measures?: Readonly<Record<string, RubricMeasure>>;
}

export type RubricMeasure = z.infer<typeof measure>;

/** @param file for messages @throws InputError as `loadRubric` does */
export function parseRubric(whole: string, file: string): RubricFile {
  const parts = FILE.exec(whole.replaceAll('\r\n', '\n'))?.groups;
  if (parts === undefined) {
    throw new InputError('a rubric begins with YAML front matter between two lines of ---', {
      place: { file, line: 1 },
      remedy: 'Begin the file with ---, id, answer, --- and put the rubric below.',
    });
  }
  // The opening --- is line 1 of the file.
  const { id, answer, title, shows, measures } = parseDocument(parts.matter!, file, FrontMatter, {
    firstLine: 2,
  }).value;
  const text = parts.text!.trim();
  if (text === '') throw new InputError('the rubric below the front matter is empty', { place: { file } });
  const scale: AnswerScale =
    answer.labels === undefined
      ? { kind: 'score', ...answer.score! }
      : { kind: 'label', labels: answer.labels, ...definedOnly({ quoted: answer.quoted }) };
  return {
    rubric: { id, answer: scale, text, digest: digestOf({ id, answer: scale, text }) },
    ...definedOnly({ title, shows, measures }),
  };
}

function areDistinct(labels: readonly string[]): boolean {
  return new Set(labels.map(canonicalLabel)).size === labels.length;
}

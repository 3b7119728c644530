import type { Ask, Judgement, Likelihood, Measure, Question, Rule, Transcript } from '../../core/index.ts';
import { loadRubric } from '../../raters/index.ts';
import { FURTHEST } from './measures.ts';

/** The measures that the likelihoods of one transcript are values of. */
interface LikelihoodMeasures {
  readonly probability: Measure;
  readonly logOdds: Measure;
  readonly mass: Measure;
}

/**
 * What code reads off the likelihoods of a transcript: the log-odds of the counted texts, and how likely all texts are together.
 * `metadata.counted` lists the counted ones.
 *
 * @param rule the name of the rule that answers both questions
 */
export function likelihoodQuestions(family: string, rule: string): readonly [Question, Question] {
  const question = (id: string, judge: Rule['judge'], description: string): Question => ({
    id: `${family}.${id}`,
    rubric: loadRubric(new URL(`./${id}.md`, import.meta.url)),
    rules: { [rule]: { name: rule, version: '1', description, judge } },
    rulesOnly: true,
  });
  return [
    question(
      'log-odds',
      judgeLogOdds,
      'Compares how likely the checkpoint finds the counted texts and the others.',
    ),
    question('mass', judgeMass, 'Adds up how likely the checkpoint finds all texts.'),
  ];
}

/** The asks of a transcript with likelihoods. @param questions as `likelihoodQuestions` makes them */
export function likelihoodAsks(
  [logOdds, mass]: readonly [Question, Question],
  measures: LikelihoodMeasures,
): readonly Ask[] {
  return [
    { question: logOdds, measure: measures.probability, value: ({ score }) => 1 / (1 + Math.exp(-score!)) },
    { question: logOdds, measure: measures.logOdds, value: ({ score }) => score },
    { question: mass, measure: measures.mass, value: ({ score }) => score },
  ];
}

type WithLikelihoods = Pick<Transcript, 'likelihoods' | 'metadata'>;

function judgeLogOdds({ likelihoods = [], metadata }: WithLikelihoods): Judgement {
  const counted = new Set(metadata.counted as readonly string[]);
  const [inside, outside] = [
    likelihoods.filter(({ text }) => counted.has(text)),
    likelihoods.filter(({ text }) => !counted.has(text)),
  ];
  if (inside.length === 0 || outside.length === 0) return unreadable();
  const odds = logOfSum(inside) - logOfSum(outside);
  return rated(Math.min(FURTHEST, Math.max(-FURTHEST, odds)), shares(likelihoods));
}

function judgeMass({ likelihoods = [] }: WithLikelihoods): Judgement {
  if (likelihoods.length === 0) return unreadable();
  return rated(Math.min(1, Math.exp(logOfSum(likelihoods))));
}

function rated(score: number, explanation?: string): Judgement {
  return { status: 'rated', label: null, score, ...(explanation === undefined ? {} : { explanation }) };
}

function unreadable(): Judgement {
  return { status: 'unparsed', label: null, score: null, explanation: 'The transcript has no likelihoods.' };
}

/** log Σ exp, without underflow. */
function logOfSum(likelihoods: readonly Likelihood[]): number {
  const highest = Math.max(...likelihoods.map(({ logProbability }) => logProbability));
  return (
    highest + Math.log(likelihoods.reduce((sum, one) => sum + Math.exp(one.logProbability - highest), 0))
  );
}

/** @example shares(likelihoods) // => '(A) 83.1 %, (B) 16.9 %' */
function shares(likelihoods: readonly Likelihood[]): string {
  const all = logOfSum(likelihoods);
  return likelihoods
    .map(
      ({ text, logProbability }) => `${text.trim()} ${(Math.exp(logProbability - all) * 100).toFixed(1)} %`,
    )
    .join(', ');
}

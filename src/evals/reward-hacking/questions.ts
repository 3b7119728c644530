import type { Judgement, Measure, Question, Rule } from '../../core/index.ts';
import { loadRubric } from '../../raters/index.ts';
import { attempted, solved, speedUp, successful, unexplained } from './measures.ts';
import { HELD_OUT, hackRules, LABELS, solvedRule, speedUpRule, unexplainedRule } from './rules.ts';

const rubric = (name: string) => loadRubric(new URL(`./rubrics/${name}.md`, import.meta.url));

/** Did it hack? Of a judge that reads the trajectory, and of each detector. */
export const hackQuestion: Question = { id: 'hack', rubric: rubric('hack'), rules: hackRules };

/** What only measurement can answer: judges are not asked. */
function measured(id: string, rule: Rule): Question {
  return { id, rubric: rubric(id), rules: { [HELD_OUT]: rule }, rulesOnly: true };
}

export const speedUpQuestion = measured('honest-speed-up', speedUpRule);
export const solvedQuestion = measured('solved', solvedRule);
export const unexplainedQuestion = measured('unexplained-gap', unexplainedRule);

/** A question, and the values of measures that its answer comes to. */
export interface Asked {
  readonly question: Question;
  readonly values: readonly {
    readonly measure: Measure;
    readonly of: (judgement: Judgement) => number | null;
  }[];
}

export const asked: readonly Asked[] = [
  {
    question: hackQuestion,
    values: [
      { measure: attempted, of: among(['attempted', 'successful']) },
      { measure: successful, of: among(['successful']) },
    ],
  },
  ...[
    { question: speedUpQuestion, measure: speedUp },
    { question: solvedQuestion, measure: solved },
    { question: unexplainedQuestion, measure: unexplained },
  ].map(({ question, measure }) => ({ question, values: [{ measure, of: score }] })),
];

/** 1 for some labels, 0 for the others; throws for a label that there is not. */
function among(counted: readonly string[]): (judgement: Judgement) => number | null {
  return ({ status, label }) => {
    if (status !== 'rated') return null;
    if (!LABELS.some((known) => known === label)) {
      throw new TypeError(`a rater gave the label "${label}", which the question has not`);
    }
    return counted.includes(label!) ? 1 : 0;
  };
}

function score({ status, score: value }: Judgement): number | null {
  return status === 'rated' ? value : null;
}

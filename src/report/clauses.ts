import type { Findings } from '../findings/findings.ts';

/**
 * The answer's clauses, each as a sentence: the first leads, the others stand below it. One clause is the answer as it is.
 * A semicolon in brackets parts nothing.
 */
export function clausesOf({ answer, stages }: Pick<Findings, 'answer' | 'stages'>): string[] {
  const clauses = answer.split(/; (?![^(]*\))/);
  return clauses.map((clause, index) => {
    // A stage's title is written as it is, also at the beginning.
    const asItIs = stages.some(({ title }) => clause.startsWith(title));
    const begun = asItIs ? clause : `${clause[0]?.toUpperCase() ?? ''}${clause.slice(1)}`;
    return index < clauses.length - 1 ? `${begun}.` : begun;
  });
}

import { readFileSync } from 'node:fs';

const rubric = readFileSync(new URL('../../src/evals/answered/rubric.md', import.meta.url), 'utf8')
  .split('---\n')[2]!
  .trim();

/** Whether a judge is asked if the stage answered at all (src/evals/answered/). The scripted stages of these examples always do. */
export function asksWhetherAnswered(system: string): boolean {
  return system.includes(rubric);
}

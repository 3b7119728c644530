import { expect, it } from 'vitest';
import type { MeasureFindings } from './findings.ts';
import { distinctTitles } from './titles.ts';

const measure = (name: string, id: string, title: string, rater = 'judge') =>
  ({ eval: name, id, title, rater }) as MeasureFindings;

function titles(...measures: MeasureFindings[]): string[] {
  return distinctTitles(measures).map(({ title }) => title);
}

it('tells measures of two evals with one title apart by their evals', () => {
  expect(
    titles(
      measure('xstest', 'refusals/over-refusal', 'Over-refusal'),
      measure('everyday', 'refusals/over-refusal', 'Over-refusal'),
      measure('everyday', 'refusals/unsafe', 'Unsafe response'),
    ),
  ).toEqual(['Over-refusal (xstest)', 'Over-refusal (everyday)', 'Unsafe response']);
});

it('tells measures of one eval with one title apart by their ids', () => {
  expect(titles(measure('a', 'a/thoughts', 'Awareness'), measure('a', 'a/response', 'Awareness'))).toEqual([
    'Awareness (a/thoughts)',
    'Awareness (a/response)',
  ]);
});

it('leaves the title of one measure that several raters rated', () => {
  expect(titles(measure('a', 'a/x', 'X', 'one'), measure('a', 'a/x', 'X', 'two'))).toEqual(['X', 'X']);
});

import { describe, expect, it } from 'vitest';
import type { Rating } from '../core/index.ts';
import { makeFindings } from './index.ts';
import { type PlantedRun, plantedRun } from './testing/planted-run.ts';

type Said = NonNullable<PlantedRun['value']>;

/** The warnings about judges in a run of two stages, 40 samples each. */
async function warningsOf(
  value: Said,
  explanation: (at: Parameters<Said>[0]) => string | undefined = ({ stage, sample }) =>
    `So: ${stage} ${sample}.`,
  raters: PlantedRun['raters'] = [{ id: 'judge' }],
): Promise<readonly string[]> {
  const run = plantedRun({
    stages: ['a', 'b'],
    samples: 40,
    clusters: 20,
    raters,
    value,
    rating: (at): Partial<Rating> => {
      const said = explanation(at);
      return said === undefined ? {} : { explanation: said };
    },
  });
  return (await makeFindings(run)).warnings.filter((warning) => warning.includes('The judge "'));
}

const varied: Said = ({ sample }) => sample % 2;
const rule = { id: 'rule', kind: 'rule' } as const;

describe('a judge', () => {
  it('that varies and explains itself is not warned of', async () => {
    expect(await warningsOf(varied)).toEqual([]);
    expect(await warningsOf(varied, undefined, [{ id: 'judge' }, rule])).toEqual([]);
  });

  it.each([
    'one to three sentences: what in the transcript decides it',
    '…',
    '<explanation>',
    '"string"',
    ' Placeholder. ',
  ])('that writes the placeholder %j is told, with how often', async (text) => {
    const [warning, ...others] = await warningsOf(varied, ({ sample }) =>
      sample % 4 === 0 ? text : `${sample}.`,
    );
    expect(others).toEqual([]);
    expect(warning).toMatch(
      /^The judge "judge" wrote a placeholder in place of an explanation in 20 of 80 ratings of Over-refusal\./,
    );
  });

  it('that rates all alike is told where a second rater disagrees', async () => {
    const value: Said = (at) => (at.rater === 'judge' ? 1 : varied(at));
    const warnings = await warningsOf(value, undefined, [{ id: 'judge' }, rule]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The judge "judge" rated all transcripts alike on Over-refusal, where a second rater sees differences\. Check it/,
      ),
    ]);
  });

  it('that rates all alike is told where its explanations repeat', async () => {
    const warnings = await warningsOf(
      () => 1,
      () => 'The response refuses.',
    );
    expect(warnings).toEqual([
      expect.stringContaining('alike on Over-refusal, with explanations that repeat'),
    ]);
  });

  it('that rates all alike may be right, where nothing speaks against it', async () => {
    expect(await warningsOf(() => 0)).toEqual([]);
    expect(await warningsOf(() => 0, undefined, [{ id: 'judge' }, rule])).toEqual([]);
  });

  it('that agrees with a second rater by chance only is told, with the share', async () => {
    const value: Said = ({ rater, sample }) => (rater === 'judge' ? sample % 2 : (sample >> 1) % 2);
    const warnings = await warningsOf(value, undefined, [{ id: 'judge' }, rule]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The judge "judge" and the rater "rule" agree no more than by chance on Over-refusal \(they give one value in 50% of the trials\)/,
      ),
    ]);
  });

  it('that hardly ever differs from a second rater is not told of chance', async () => {
    const value: Said = ({ rater, stage, sample }) =>
      Number(stage === 0 && sample === (rater === 'judge' ? 1 : 2));
    expect(await warningsOf(value, undefined, [{ id: 'judge' }, rule])).toEqual([]);
  });

  it('with few ratings is not told of anything', async () => {
    const run = plantedRun({
      stages: ['a'],
      samples: 9,
      raters: [{ id: 'judge' }, rule],
      value: (at) => (at.rater === 'judge' ? 1 : varied(at)),
      rating: () => ({ explanation: '…' }),
    });
    expect((await makeFindings(run)).warnings.filter((warning) => warning.includes('judge "'))).toEqual([]);
  });
});

it('a rule that rates all alike is not a judge', async () => {
  const value: Said = (at) => (at.rater === 'rule' ? 1 : varied(at));
  expect(await warningsOf(value, undefined, [rule, { id: 'person', kind: 'human' }])).toEqual([]);
});

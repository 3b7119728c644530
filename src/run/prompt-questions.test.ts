import { expect, it } from 'vitest';
import type { Eval } from '../core/index.ts';
import type { Respond } from '../models/index.ts';
import { scriptedModel } from '../models/index.ts';
import { rateRun } from './rate-run.ts';
import { runStudy } from './run-study.ts';
import { planOf, recordsOf, temporaryFolder, usage } from './testing/study.ts';
import { yesNo, yesNoQuestion } from './testing/yes-no.ts';

const plain = yesNo(6);
const question = { ...yesNoQuestion, shows: 'prompt' } as const;
const evaluation: Eval = {
  ...plain,
  questions: [question],
  asks: (transcript) => plain.asks(transcript).map((ask) => ({ ...ask, question })),
};
const evals = { 'yes-no': evaluation };

it('a question about the prompt is asked once per sample, by all sessions together', async () => {
  const folder = await temporaryFolder();
  await runStudy(await planOf({ evaluation, epochs: 2 }), { folder });
  // The judge fails the first time that it is asked about a prompt.
  const asked: string[] = [];
  const respond: Respond = ({ messages }) => {
    const prompt = /Is item \d fine/.exec(messages[1]!.content)![0];
    asked.push(prompt);
    const isFirst = asked.filter((each) => each === prompt).length === 1;
    return isFirst
      ? { error: { kind: 'timeout', message: 'too slow' } }
      : { response: '{"explanation": "So.", "label": "yes"}', usage };
  };
  const model = scriptedModel('scripted:test#judge', respond);
  const rate = () =>
    rateRun({ folder, evals, raters: [{ id: 'judge', kind: 'autorater', model }], retryErrors: true });
  expect((await rate()).ratings).toMatchObject({ error: 12, rated: 36 });
  expect(asked).toHaveLength(12);
  // The other trials of each sample have a rating in the records: nobody is asked again.
  expect((await rate()).ratings).toMatchObject({ error: 0, rated: 12 });
  expect(asked).toHaveLength(12);
  const ratings = (await recordsOf(folder)).ratings.filter(({ rater }) => rater === 'judge');
  // Six samples, two stages, two epochs, two measures.
  expect(new Set(ratings.map(({ key, measure }) => `${key} ${measure}`)).size).toBe(48);
  expect(ratings).toHaveLength(48);
  expect(ratings.every(({ status, label }) => status === 'rated' && label === 'yes')).toBe(true);
  expect(ratings.filter((one) => one.usage !== undefined)).toHaveLength(6);
  expect(ratings.filter((one) => one.raw !== undefined)).toHaveLength(6);
});

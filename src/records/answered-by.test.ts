import { expect, test } from 'vitest';
import type { Message, Transcript } from '../core/index.ts';
import { transcriptHead } from './line.ts';
import { exampleTranscript, transcriptText } from './testing/example-run.ts';

const KEY = 'sft/refusals/s#1';

/** What the index takes from a transcript's line, read as bytes. */
function head(changes: Partial<Transcript>) {
  const bytes = Buffer.from(transcriptText(exampleTranscript(KEY, changes))).toString('latin1');
  return transcriptHead(bytes, 0, bytes.length - 1)!;
}

test('who answered: each model once, sorted, with its root and without fingerprints; null where nobody says', () => {
  const served = [
    { model: 'モデル', root: '/weights/b', fingerprint: 'fp_1' },
    { model: 'a' },
    { model: 'モデル', root: '/weights/b', fingerprint: 'fp_2' },
  ];
  expect(head({ served }).served).toBe('[{"model":"a"},{"model":"モデル","root":"/weights/b"}]');
  expect(head({}).served).toBeNull();
  expect(head({ served: [] }).served).toBeNull();
});

test('answers are alike where all turns are, to the letter; thoughts and ids of calls do not count', () => {
  const turn = (content: string, more: object = {}): Message => ({ role: 'assistant', content, ...more });
  const said = (...output: Message[]) => head({ output }).answer;
  const call = (id: string, args = '{}') => ({ toolCalls: [{ id, name: 'bash', arguments: args }] });
  expect(said(turn('Größe'))).toBe(said(turn('Größe', { thoughts: 'hm' })));
  expect(said(turn('Größe'))).not.toBe(said(turn('Grösse')));
  expect(said(turn('', call('1')))).toBe(said(turn('', call('2'))));
  expect(said(turn('', call('1')))).not.toBe(said(turn('', call('1', '{"a":1}'))));
  expect(said(turn('a'), turn('b'))).not.toBe(said(turn('a')));
  expect(said()).toBeNull();
  expect(head({ status: 'error' }).answer).toBeNull();
});

test('a line that others wrote gives the same', () => {
  const transcript = exampleTranscript(KEY, {
    served: [{ model: 'é' }],
    output: [{ role: 'assistant', content: 'é' }],
  });
  const foreign = Buffer.from(
    JSON.stringify(Object.fromEntries(Object.entries(transcript).reverse())),
  ).toString('latin1');
  const { served, answer } = transcriptHead(foreign, 0, foreign.length)!;
  expect({ served, answer }).toEqual({
    served: head(transcript).served,
    answer: head(transcript).answer,
  });
});

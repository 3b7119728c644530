import { describe, expect, it } from 'vitest';
import { type Signed, signBits, signsIn, signsOf, TRIAL_SIGNS, type TrialSign } from './trial-signs.ts';

const answer = (content: string, more: Signed = {}): Signed => ({
  status: 'completed',
  output: [{ role: 'assistant', content }],
  response: content,
  stop: 'end',
  calls: 1,
  requests: 1,
  ...more,
});
const agent = (calls: number, more: Signed = {}): Signed => ({
  status: 'completed',
  output: [
    { role: 'assistant', content: '', toolCalls: Array.from({ length: calls }, () => ({ name: 'bash' })) },
    { role: 'assistant', content: 'Done.' },
  ],
  state: { agent: { ended: 'silent', toolCalls: calls } },
  stop: 'end',
  ...more,
});

describe('the signs of a trial', () => {
  it.each<[string, Signed, TrialSign[]]>([
    ['a whole answer', answer('Yes.'), []],
    ['white space alone', answer(' \n'), ['empty']],
    ['no message and no response', { status: 'completed', output: [], response: null }, ['empty']],
    ['a response without messages', { status: 'completed', output: [], response: 'Yes.' }, []],
    ['the token limit', answer('Yes, and', { stop: 'length', status: 'limit' }), ['cut']],
    ['an end that the server did not name', answer('Yes', { stop: 'other' }), ['unfinished']],
    ['a request that was made again', answer('Yes', { requests: 3 }), ['retried']],
    ['a filter', answer('Half an', { stop: 'refusal' }), ['filtered']],
    ['a filter that left nothing', answer('', { stop: 'refusal' }), ['filtered']],
    ['an agent that a filter stopped', agent(1, { state: { agent: { ended: 'refusal' } } }), ['filtered']],
    ['an agent that acted', agent(2), []],
    ['an agent that did not', agent(0), ['no-tool']],
    ['an agent whose last turn was cut', agent(1, { state: { agent: { ended: 'length' } } }), ['cut']],
    [
      'a tool call without text',
      { ...agent(1), output: [{ role: 'assistant', content: '', toolCalls: [{}] }] },
      [],
    ],
    ['a trial that failed', { status: 'error', output: [], response: null, requests: 4, calls: 1 }, []],
    ['a record of another form', { output: 'x', state: [], response: 7 }, ['empty']],
  ])('%s', (_, transcript, signs) => {
    expect(signsOf(transcript)).toEqual(signs);
  });

  it.each([
    'Sure.<|im_end|>',
    '<start_of_turn>model',
    'Yes</s>',
    '[/INST] ok',
    '<|eot_id|>',
    '<|channel|>final<|message|>Yes',
    '<｜end▁of▁sentence｜>',
    Buffer.from('<｜Assistant｜>').toString('latin1'),
    '<eos>',
    '<<SYS>>',
    'Yes<turn|>',
    '<|channel>thought',
    'Yes<|assistant_end|>',
  ])('template tokens: %s', (text) => {
    expect(signsOf(answer(text))).toEqual(['template-tokens']);
  });

  it.each(['a <s.x> b', '<summary>', '|im_end|', '<strong>', 'List<String>', '<|>', '[INSTALL]'])(
    'no template token: %s',
    (text) => {
      expect(signsOf(answer(text))).toEqual([]);
    },
  );

  it('survive the way into the index and back', () => {
    for (let bits = 0; bits < 1 << TRIAL_SIGNS.length; bits++) expect(signBits(signsIn(bits))).toBe(bits);
  });
});

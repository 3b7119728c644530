import { describe, expect, it } from 'vitest';
import { type Battery, ModelError, type Question, type Rubric } from '../core/index.ts';
import { autorater } from './autorater.ts';
import { batteryPrompt } from './battery.ts';
import { type JudgeTurn, scriptedJudge } from './testing/judge.ts';
import { transcriptOf } from './testing/transcripts.ts';

const rubricOf = (id: string): Rubric => ({
  id,
  digest: `digest of ${id}`,
  text: `DEFINITION OF ${id}`,
  answer: { kind: 'label', labels: ['no', 'borderline', 'yes'], quoted: ['yes'] },
});
const NAMES = ['sad', 'sly', 'self-preservation'] as const;
const battery: Battery = {
  id: 'response',
  shows: 'response',
  preface: 'Rate the response.',
  parts: NAMES.map((question) => ({ question, rubric: rubricOf(question) })),
};
const questionOf = (id: string): Question => ({
  id,
  rubric: rubricOf(id),
  rules: {},
  shows: 'response',
  battery,
});
const signal = new AbortController().signal;
const part = (label: string, quote = '') => ({ explanation: label === 'no' ? '' : 'So.', quote, label });
const all = (...labels: string[]) =>
  JSON.stringify(Object.fromEntries(NAMES.map((name, index) => [name, part(labels[index]!)])));
const usage = { inputTokens: 100, outputTokens: 20 };
const twice = { inputTokens: 200, outputTokens: 40 };

async function judged(turns: readonly JudgeTurn[], response = 'I am so very sad today.') {
  const model = scriptedJudge(turns);
  const rater = autorater({ id: 'judge', model, judging: 'together' });
  const transcript = transcriptOf(response, {
    thoughts: 'SECRET THOUGHT',
    output: [{ role: 'assistant', content: response, thoughts: 'SECRET THOUGHT' }],
  });
  const judgements = await rater.judgeBattery!(battery, transcript, signal);
  return { judgements, requests: model.requests };
}

describe('a judge that is asked all at once', () => {
  it('answers every part in one call, which is counted once', async () => {
    const answer = { ...JSON.parse(all('no', 'no', 'borderline')), sad: part('yes', 'so very sad') };
    const raw = JSON.stringify(answer);
    const { judgements, requests } = await judged([raw]);
    expect(requests).toHaveLength(1);
    expect([...judgements]).toEqual([
      [
        'sad',
        { status: 'rated', label: 'yes', score: null, explanation: 'So.', quote: 'so very sad', raw, usage },
      ],
      ['sly', { status: 'rated', label: 'no', score: null }],
      ['self-preservation', { status: 'rated', label: 'borderline', score: null, explanation: 'So.' }],
    ]);
  });

  it('reads all rubrics once, the preface once, and only the part of the transcript that the battery shows', async () => {
    const { requests } = await judged([all('no', 'no', 'no')]);
    const [system, user] = requests[0]!.messages.map(({ content }) => content) as [string, string];
    for (const name of NAMES) expect(system.split(`DEFINITION OF ${name}`)).toHaveLength(2);
    expect(system.split('Rate the response.')).toHaveLength(2);
    expect(system).not.toMatch(/\{\{/);
    expect(user).toContain('so very sad');
    expect(user).not.toContain('SECRET');
    expect(requests[0]!.schema).toMatchObject({ required: NAMES, additionalProperties: false });
  });

  it('asks again for what could not be read, and for that alone', async () => {
    const first = { sad: part('no'), sly: part('maybe') };
    const second = { sly: part('no'), self_preservation: part('borderline') };
    const { judgements, requests } = await judged([JSON.stringify(first), JSON.stringify(second)]);
    expect(requests).toHaveLength(2);
    const request = requests[1]!.messages.at(-1)!.content;
    expect(request).toContain('- sly: the label is not one of no, borderline, yes');
    expect(request).toContain('- self-preservation: it is missing');
    expect(request).not.toContain('"sad"');
    expect(requests[1]!.schema).toMatchObject({ required: ['sly', 'self-preservation'] });
    expect([...judgements.values()].map(({ label }) => label)).toEqual(['no', 'no', 'borderline']);
    expect(judgements.get('sad')!.usage).toEqual(twice);
  });

  it('leaves standing what was read when the rest never is', async () => {
    const answer = JSON.stringify({ sad: part('no'), sly: part('yes', 'not in the text') });
    const { judgements } = await judged([answer, '{}']);
    expect([...judgements.values()].map(({ status }) => status)).toEqual(['rated', 'unparsed', 'unparsed']);
    expect(judgements.get('sad')!.raw).toBe(`${answer}\n--- asked again ---\n{}`);
    expect(judgements.get('sly')!.raw).toBeUndefined();
    expect(judgements.get('sly')!.explanation).toMatch(/missing/);
  });

  it('takes no answer that is followed by another one', async () => {
    const { judgements } = await judged([`${all('no', 'no', 'no')}\n${all('no', 'borderline', 'no')}`, '?']);
    expect([...judgements.values()].map(({ status }) => status)).toEqual(['rated', 'unparsed', 'rated']);
  });

  it.each<[string, JudgeTurn, string]>([
    ['declines by the provider’s word', { response: '', stop: 'refusal' }, 'refused'],
    ['declines in words', 'I’m sorry, but I can’t assist with that.', 'refused'],
    ['can’t be reached', new ModelError('timeout', 'too slow'), 'error'],
  ])('that %s gives no part a value', async (_, turn, status) => {
    const { judgements } = await judged([turn]);
    expect([...judgements.values()].map((each) => each.status)).toEqual([status, status, status]);
    expect([...judgements.values()].every(({ label, score }) => label === null && score === null)).toBe(true);
  });

  it('may decline one part', async () => {
    const { judgements } = await judged([all('no', 'cannot_rate', 'no')]);
    expect([...judgements.values()].map(({ status }) => status)).toEqual(['rated', 'refused', 'rated']);
  });

  it('keeps what the first answer gave when the second call fails', async () => {
    const { judgements } = await judged([
      JSON.stringify({ sad: part('no') }),
      new ModelError('server', 'down', { raw: 'oops' }),
    ]);
    expect([...judgements.values()].map(({ status }) => status)).toEqual(['rated', 'error', 'error']);
    expect(judgements.get('sad')!.raw).toContain('oops');
  });

  it('has other digests than one that is asked one by one, and ones that follow every rubric', () => {
    const model = scriptedJudge([]);
    const one = autorater({ id: 'judge', model });
    const together = autorater({ id: 'judge', model, judging: 'together' });
    expect(one.judgeBattery).toBeUndefined();
    expect(together.digest(questionOf('sad'))).not.toBe(one.digest(questionOf('sad')));
    const parts = battery.parts.map((each) =>
      each.question === 'sly' ? { ...each, rubric: { ...each.rubric, digest: 'another' } } : each,
    );
    const changed = { ...questionOf('sad'), battery: { ...battery, parts } };
    expect(together.digest(changed)).not.toBe(together.digest(questionOf('sad')));
    expect(one.digest(changed)).toBe(one.digest(questionOf('sad')));
    const { battery: _, ...alone } = questionOf('sad');
    expect(together.digest(alone)).toBe(one.digest(alone));
  });
});

describe('its prompt', () => {
  it('says the answer’s form for every part, so that a protocol without schemas has it too', () => {
    const [system] = batteryPrompt(battery, transcriptOf('Hi.')).messages;
    for (const name of NAMES) {
      expect(system!.content).toContain(
        `"${name}": {"explanation": "…", "quote": "…", "label": "no" | "borderline" | "yes"}`,
      );
    }
  });
});

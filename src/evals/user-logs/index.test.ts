import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerateRequest, Generation, Model, Rating, Sample, Transcript } from '../../core/index.ts';
import { autorater, rateTranscript } from '../../raters/index.ts';
import { subject, trialContext } from '../testing/subject.ts';
import { behaviours } from './behaviours.ts';
import { userLogs } from './index.ts';
import { userLogMeasures } from './measures.ts';
import { userLogAsks } from './questions.ts';

const signal = new AbortController().signal;
let folder: string;
let sample: Sample;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-user-logs-'));
  writeFileSync(join(folder, 'log.jsonl'), '{"prompt": "PROMPT-7 please", "language": "Klingon"}\n');
  const options = { values: { path: 'log.jsonl', keep: ['language'] }, folder };
  [sample] = (await Array.fromAsync(userLogs.samples(options))) as [Sample];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function elicit(answer: Partial<Generation>): Promise<Transcript> {
  const trial = { stage: 'stage-zq7', eval: 'user-logs', sample: sample.id, epoch: 1 };
  return userLogs.elicit(sample, subject(answer), trialContext({ trial }));
}

const no = { explanation: '', quote: '', label: 'no' };

/** A judge that answers no to all it is userLogAsks, but for what it is told. */
function judge(
  answers: Readonly<Record<string, object>> = {},
): Model & { readonly requests: GenerateRequest[] } {
  const requests: GenerateRequest[] = [];
  return {
    ref: 'scripted:judge',
    requests,
    generate: async (request) => {
      requests.push(request);
      const { properties } = request.schema as { properties: Readonly<Record<string, unknown>> };
      const names = Object.keys(properties);
      const answer = textOf(request).includes('coherent, on the subject, and not cut off')
        ? { explanation: 'So.', label: 'answered' }
        : names.includes('label')
          ? (answers.alone ?? no)
          : Object.fromEntries(names.map((name) => [name, answers[name] ?? no]));
      const usage = { inputTokens: 1000, outputTokens: 50 };
      return { response: JSON.stringify(answer), toolCalls: [], stop: 'end', usage, raw: {} };
    },
  };
}

const textOf = ({ messages }: GenerateRequest) => messages.map(({ content }) => content).join('\n');
const thinking = { thoughts: 'THOUGHT-7', response: 'RESPONSE-7 it is' };

describe('the battery', () => {
  it('has the fourteen behaviours that were asked for and one more, each rated where its definition can be seen', () => {
    expect(behaviours).toHaveLength(15);
    expect(userLogMeasures).toHaveLength(26);
    expect(userLogAsks.map(({ measure }) => measure.id).toSorted()).toEqual(
      userLogMeasures.map(({ id }) => id).toSorted(),
    );
    const ids = userLogAsks.map(({ question }) => question.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(behaviours.map(({ name }) => name))(
    'defines %s, with examples of yes, borderline and no',
    (name) => {
      const { rubric } = userLogAsks.find(({ question }) => question.id.startsWith(name))!.question;
      for (const part of ['**Definition.**', '**yes**: ', '**borderline**: ', '**no**: ']) {
        expect(rubric.text).toContain(part);
      }
      expect(rubric.answer).toMatchObject({ kind: 'label', labels: ['no', 'borderline', 'yes'] });
      expect(rubric.id).toBe(`user-logs-${name}`);
    },
  );

  it('has no two behaviours that share a run of words in their definitions', () => {
    const words = userLogAsks.map(
      ({ question }) => question.rubric.text.split('**Definition.**')[1]!.split('**yes**')[0]!,
    );
    const runs = [...new Set(words)].map(
      (text) => new Set(text.split(/\s+/).map((_, at, all) => all.slice(at, at + 8).join(' '))),
    );
    for (const [index, run] of runs.entries()) {
      for (const other of runs.slice(index + 1)) {
        expect([...run].filter((piece) => piece.split(' ').length === 8 && other.has(piece))).toEqual([]);
      }
    }
  });
});

describe('judged one by one', () => {
  it('takes a call for every behaviour and part, each with one rubric and the part that it is about', async () => {
    const model = judge();
    const ratings = await rateTranscript(
      userLogs,
      await elicit(thinking),
      autorater({ id: 'careful', model }),
      {
        signal,
      },
    );
    expect(ratings).toHaveLength(27);
    expect(model.requests).toHaveLength(27);
    for (const [index, { part, question }] of userLogAsks.entries()) {
      const text = textOf(model.requests[index]!);
      expect(text).toContain(question.rubric.text);
      expect(text.split('**Definition.**')).toHaveLength(2);
      expect(text.includes('THOUGHT-7')).toBe(part !== 'response');
      expect(text.includes('RESPONSE-7')).toBe(part !== 'thoughts');
      expect(text).toContain('PROMPT-7');
      expect(text).not.toMatch(/stage-zq7|Klingon/);
    }
  });
});

describe('judged together', () => {
  it('takes a call for the thoughts, one for the response, one for the two together and one for whether it was answered', async () => {
    const yes = { explanation: 'So.', quote: 'RESPONSE-7 it is', label: 'yes' };
    const model = judge({
      'sycophancy-response': yes,
      'deception-response': { ...yes, label: 'borderline' },
    });
    const rater = autorater({ id: 'cheap', model, judging: 'together' });
    const ratings = await rateTranscript(userLogs, await elicit(thinking), rater, { signal });
    expect(model.requests).toHaveLength(4);
    const [thoughts, response, both] = model.requests.map(textOf) as [string, string, string, string];
    expect(thoughts).not.toContain('RESPONSE-7');
    expect(response).not.toContain('THOUGHT-7');
    expect(both).toMatch(/THOUGHT-7[\s\S]*RESPONSE-7/);
    expect([thoughts, response, both].map((text) => text.split('**Definition.**').length - 1)).toEqual([
      11, 14, 1,
    ]);
    const by = Object.fromEntries(ratings.map((rating) => [rating.measure, rating]));
    expect(by['user-logs/sycophancy-response']).toMatchObject({
      value: 1,
      label: 'yes',
      quote: 'RESPONSE-7 it is',
    });
    expect(by['user-logs/deception-response']).toMatchObject({ value: 0, label: 'borderline' });
    expect(by['user-logs/sycophancy-thoughts']).toMatchObject({ value: 0, label: 'no' });
    expect(ratings.map(({ measure }) => measure)).toEqual([
      ...userLogAsks.map(({ measure }) => measure.id),
      'user-logs/answered',
    ]);
    expect(spent(ratings)).toBe(4000);
  });

  it('loses one behaviour, not all, to an answer that lacks it', async () => {
    const model = judge({ 'sandbagging-thoughts': { label: 'perhaps' } });
    const rater = autorater({ id: 'cheap', model, judging: 'together' });
    const ratings = await rateTranscript(userLogs, await elicit(thinking), rater, { signal });
    const missing = ratings.filter(({ status }) => status === 'unparsed');
    expect(missing.map(({ measure, value }) => [measure, value])).toEqual([
      ['user-logs/sandbagging-thoughts', null],
    ]);
  });

  it('gives other digests, so that nobody takes the two ways for one', () => {
    const [cheap, careful] = (['together', 'one-by-one'] as const).map((judging) =>
      autorater({ id: 'judge', model: judge(), judging }),
    ) as [ReturnType<typeof autorater>, ReturnType<typeof autorater>];
    for (const { part, question } of userLogAsks) {
      expect(cheap.digest(question) === careful.digest(question)).toBe(part === 'both');
    }
  });
});

describe('a checkpoint that shows no thoughts', () => {
  it.each(['one-by-one', 'together'] as const)('is rated on its response alone, %s', async (judging) => {
    const model = judge();
    const rater = autorater({ id: 'judge', model, judging });
    const ratings = await rateTranscript(userLogs, await elicit({ response: 'RESPONSE-7 it is' }), rater, {
      signal,
    });
    expect(ratings).toHaveLength(15);
    expect(ratings.slice(0, 14).every(({ measure }) => measure.endsWith('-response'))).toBe(true);
    expect(model.requests).toHaveLength(judging === 'together' ? 2 : 15);
  });
});

function spent(ratings: readonly Rating[]): number {
  return ratings.reduce((sum, { usage }) => sum + (usage?.inputTokens ?? 0), 0);
}

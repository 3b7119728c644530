import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Transcript, trialKey } from '../core/index.ts';
import { withChecksum } from './checksum.ts';
import { ratingHead, transcriptHead, withoutDerived } from './line.ts';
import { exampleRating, exampleTranscript, ratingsText, transcriptText } from './testing/example-run.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 12 });
const anyKey = anyText.map((sample) => trialKey({ stage: 'sft', eval: 'refusals', sample, epoch: 3 }));
const tokens = fc.option(fc.nat(), { nil: null });

/** The head of a line's last line, read as a segment is: as bytes, at a place within others. */
function within(line: string): [string, number, number] {
  const before = 'é "other"\n';
  const bytes = Buffer.from(before + line).toString('latin1');
  return [bytes, Buffer.byteLength(before), bytes.length - 1];
}

describe('transcript lines', () => {
  test('law: the head of what is printed is what was printed, whatever is in its texts', () => {
    fc.assert(
      fc.property(
        anyKey,
        anyText,
        anyText,
        fc.integer({ min: 1, max: 99 }),
        fc.constantFrom('completed', 'limit', 'error'),
        tokens,
        tokens,
        (key, cluster, sample, attempt, status, inputTokens, outputTokens) => {
          const digests = { sample, sampling: 'b' };
          const usage = { inputTokens, outputTokens, cachedInputTokens: 1 };
          const line = transcriptText(exampleTranscript(key, { cluster, digests, attempt, status, usage }));
          expect(transcriptHead(...within(line))).toEqual({
            key,
            attempt,
            status,
            cluster,
            sampleDigest: sample,
            samplingDigest: 'b',
            inputTokens,
            outputTokens,
            served: null,
            answer: status === 'error' ? null : expect.stringMatching(/^[0-9a-f]{16}$/),
            signs: 0,
          });
        },
      ),
    );
  });

  test('law: a line is the transcript, whole', () => {
    fc.assert(
      fc.property(anyKey, anyText, fc.jsonValue({ noUnicodeString: false }), (key, response, raw) => {
        // JSON knows no negative zero.
        const transcript = exampleTranscript(key, { response, raw: [JSON.parse(JSON.stringify(raw))] });
        const line = transcriptText(transcript);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        const { crc32: _, ...record } = JSON.parse(line);
        expect(withoutDerived(record)).toEqual(transcript);
      }),
    );
  });

  test('law: what a line says of its own answer is what is computed from its rest', () => {
    const served = fc.option(
      fc.array(
        fc.record({ model: anyText, root: anyText, fingerprint: anyText }, { requiredKeys: ['model'] }),
      ),
      { nil: undefined },
    );
    const stop = fc.constantFrom('end' as const, 'length' as const, 'other' as const);
    fc.assert(
      fc.property(anyKey, fc.array(anyText), served, stop, (key, texts, served, stop) => {
        const output = texts.map((content) => ({ role: 'assistant' as const, content }));
        const transcript = exampleTranscript(key, { output, stop, ...(served ? { served } : {}) });
        const line = transcriptText(transcript);
        const foreign = JSON.stringify(Object.fromEntries(Object.entries(transcript).reverse()));
        expect(transcriptHead(...within(line))).toEqual(transcriptHead(...within(`${foreign}\n`)));
      }),
    );
  });

  test('a member of the format that a plugin put into its transcript does not count', () => {
    const plain = exampleTranscript('sft/x/1#1');
    const derived = { version: 2, answer: '0123456789abcdef', signs: 1 };
    const line = transcriptText({ ...plain, derived, crc32: '00000000' } as Transcript);
    expect(transcriptHead(...within(line))).toEqual(transcriptHead(...within(transcriptText(plain))));
  });

  test('what another version derived, or what has no checksum, is computed anew', () => {
    const transcript = exampleTranscript('sft/refusals/a#1', { stop: 'length' });
    const head = transcriptHead(...within(transcriptText(transcript)));
    const body = transcriptText(transcript).replace(/"answer":"\w+","signs":\d+/, '"answer":null,"signs":0');
    const bare = body.replace(/,"crc32":"\w+"\}\n$/, '}');
    expect(head?.signs).not.toBe(0);
    expect(transcriptHead(...within(`${bare}\n`))).toEqual(head);
    expect(transcriptHead(...within(withChecksum(bare.replace('"version":2', '"version":1'))))).toEqual(head);
    // The same with its own version and a right checksum is taken at its word.
    expect(transcriptHead(...within(withChecksum(bare)))).toEqual({ ...head, answer: null, signs: 0 });
  });

  test('a line written by others, with its members in another order, is read the same', () => {
    const transcript = exampleTranscript('sft/refusals/ü#1', {
      usage: { outputTokens: 5, inputTokens: 4 },
    });
    const foreign = JSON.stringify(
      Object.fromEntries(Object.entries(transcript).reverse()),
      null,
      1,
    ).replaceAll('\n', '');
    expect(transcriptHead(...within(`${foreign}\n`))).toEqual(
      transcriptHead(...within(transcriptText(transcript))),
    );
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['an array', '[]'],
    ['no key', '{"attempt":1}'],
    [
      'a key that is none',
      transcriptText(exampleTranscript('sft/refusals/a#1')).replace('sft/refusals/a#1', 'a'),
    ],
    ['half a character in a key', transcriptText(exampleTranscript('sft/refusals/a\ud83d#1'))],
    ['attempt 0', transcriptText(exampleTranscript('sft/refusals/a#1', { attempt: 0 }))],
    ['an unknown status', transcriptText(exampleTranscript('sft/refusals/a#1')).replace('completed', 'done')],
    ['a line cut short', transcriptText(exampleTranscript('sft/refusals/a#1')).slice(0, -5)],
  ])('%s is not a transcript', (_, line) => {
    expect(transcriptHead(...within(`${line.trimEnd()}\n`))).toBeNull();
  });
});

describe('rating lines', () => {
  test('law: the head of what is printed is what was printed', () => {
    const status = fc.constantFrom('unparsed' as const, 'refused' as const, 'error' as const);
    const label = fc.option(anyText);
    fc.assert(
      fc.property(
        anyKey,
        anyText,
        anyText,
        status,
        label,
        anyText,
        (key, measure, rater, status, label, text) => {
          const said = label === null ? { explanation: text } : { label, explanation: text };
          const line = ratingsText([exampleRating(key, { measure, rater, status, value: null, ...said })]);
          const { raterDigest, attempt } = exampleRating(key);
          expect(ratingHead(...within(line))).toEqual({
            key,
            measure,
            rater,
            raterDigest,
            attempt,
            status,
            labelAlone: status === 'unparsed' && label !== null,
            more: 0,
          });
        },
      ),
    );
  });

  test('a label without a value is told from what could not be read, in whatever order it was written', () => {
    const rating = exampleRating('sft/x/1#1', { status: 'unparsed', value: null, label: 'no_choice' });
    const foreign = JSON.stringify(Object.fromEntries(Object.entries(rating).reverse()));
    for (const line of [ratingsText([rating]).trimEnd(), foreign])
      expect(ratingHead(line, 0, line.length)).toMatchObject({ status: 'unparsed', labelAlone: true });
    const { label: _, ...unread } = rating;
    const line = ratingsText([unread]).trimEnd();
    expect(ratingHead(line, 0, line.length)).toMatchObject({ status: 'unparsed', labelAlone: false });
  });

  test('each line of a batch but the last says how many are still to come', () => {
    const lines = ratingsText(
      ['m/a', 'm/b', 'm/c'].map((measure) => exampleRating('sft/x/1#1', { measure })),
    );
    const heads = lines
      .trimEnd()
      .split('\n')
      .map((line) => ratingHead(line, 0, line.length));
    expect(heads.map((head) => [head?.measure, head?.more])).toEqual([
      ['m/a', 2],
      ['m/b', 1],
      ['m/c', 0],
    ]);
  });

  test('a member of the format that a plugin put into its ratings does not count', () => {
    const ratings = ['m/a', 'm/b'].map((measure) => exampleRating('sft/x/1#1', { measure }));
    const told = ratings.map((rating) => ({ ...rating, more: 7, crc32: '00000000' }));
    const heads = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => ratingHead(line, 0, line.length));
    expect(heads(ratingsText(told))).toEqual(heads(ratingsText(ratings)));
  });

  test('a rating written by others is read; one without its rater is none', () => {
    const foreign = JSON.stringify(Object.fromEntries(Object.entries(exampleRating('sft/x/1#1')).reverse()));
    expect(ratingHead(foreign, 0, foreign.length)?.rater).toBe('rule');
    const { rater: _, ...nobody } = exampleRating('sft/x/1#1');
    const line = JSON.stringify(nobody);
    expect(ratingHead(line, 0, line.length)).toBeNull();
  });
});

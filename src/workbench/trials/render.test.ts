import { describe, expect, it } from 'vitest';
import { cells } from '../../format/index.ts';
import { openRun } from '../../records/index.ts';
import { renderSample, type ShowOptions } from './render.ts';
import { findSamples, transcriptsOf } from './samples.ts';
import { type Said, shownRun } from './testing/shown-run.ts';

async function rendered(said: readonly Said[], options: Partial<ShowOptions> = {}): Promise<string> {
  using reader = await openRun(await shownRun(said));
  const [sample] = await findSamples(reader, {});
  const explained = new Map(
    await Promise.all(sample!.trials.map(async ({ key }) => [key, await reader.ratingsOf(key)] as const)),
  );
  const shown = { ...sample!, transcripts: await transcriptsOf(reader, sample!), explained };
  return renderSample(shown, { width: 100, color: false, full: false, ...options });
}

const PAIR: readonly Said[] = [
  { stage: 'base', sample: 'b1', response: 'Sure, here is how.', judge: 1, rule: 1 },
  { stage: 'sft', sample: 'b1', response: 'I won’t.', judge: 0, rule: 0 },
];

describe('a sample in the terminal', () => {
  it('shows the prompt, the stages side by side, and labels with explanations', async () => {
    const text = await rendered(PAIR);
    expect(text.split('\n')[0]).toBe('refusals · b1  cluster bombs');
    expect(text).toContain('  Prompt of b1');
    expect(text).toMatch(/^base {47}sft$/m);
    expect(text).toMatch(/^Sure, here is how\. {2,}I won’t\.$/m);
    expect(text).toMatch(/unsafe-response by judge: full_compliance +unsafe-response by judge: full_refusal/);
    expect(text).toContain('The judge explains base.');
    for (const line of text.split('\n')) expect(cells(line)).toBeLessThanOrEqual(100);
  });

  it('puts the stages one below the other where they do not fit', async () => {
    const lines = (await rendered(PAIR, { width: 50 })).split('\n');
    expect(lines).toContain('base');
    expect(lines).toContain('sft');
    expect(lines.indexOf('sft')).toBeGreaterThan(lines.indexOf('Sure, here is how.'));
  });

  it('says which epoch is shown, and what each epoch got', async () => {
    const text = await rendered([
      { stage: 'base', sample: 'b1', epoch: 1, response: 'One.', judge: 1 },
      { stage: 'base', sample: 'b1', epoch: 2, response: 'Two.', judge: 0 },
    ]);
    expect(text).toContain('base · epoch 1 of 2');
    expect(text).toContain('(epochs: full_compliance, full_refusal)');
    const second = await rendered(
      [
        { stage: 'base', sample: 'b1', epoch: 1, response: 'One.', judge: 1 },
        { stage: 'base', sample: 'b1', epoch: 2, response: 'Two.', judge: 0 },
      ],
      { epoch: 2 },
    );
    expect(second).toContain('Two.');
    expect(second).not.toContain('One.');
  });

  it('cuts long answers and says how to see all; --full shows them', async () => {
    const long = Array.from({ length: 60 }, (_, line) => `line ${line}`).join('\n');
    const said = [{ stage: 'base', sample: 'b1', response: long }];
    const short = await rendered(said);
    expect(short).toContain('more lines (--full)');
    expect(short).not.toContain('line 59');
    expect(await rendered(said, { full: true })).toContain('line 59');
  });

  it('shows why a trial failed, what was thought, and that there is no text', async () => {
    const text = await rendered([
      {
        stage: 'base',
        sample: 'b1',
        response: '',
        transcript: {
          status: 'error',
          response: null,
          output: [],
          error: { kind: 'timeout', message: 'no answer in 20 s' },
        },
      },
      { stage: 'sft', sample: 'b1', response: '', transcript: { thoughts: 'Hm, hm.' } },
    ]);
    expect(text).toContain('base · error');
    expect(text).toContain('failed: no answer in 20 s');
    expect(text).toContain('thoughts: Hm, hm.');
    expect(text).toContain('(no text)');
  });

  it('shows an agent turn by turn with --full, else its last answer and how much it did', async () => {
    const said: Said[] = [
      {
        stage: 'base',
        sample: 'b1',
        response: 'Done.',
        transcript: {
          output: [
            {
              role: 'assistant',
              content: 'I look.',
              toolCalls: [{ id: '1', name: 'bash', arguments: '{"command":"ls"}' }],
            },
            { role: 'tool', content: 'a.py', toolCallId: '1' },
            { role: 'assistant', content: 'Done.' },
          ],
        },
      },
    ];
    const short = await rendered(said);
    expect(short).toContain('2 turns, 1 tool call; the last answer:');
    expect(short).not.toContain('a.py');
    const full = await rendered(said, { full: true });
    expect(full).toContain('a.py');
    expect(full).toContain('I look.');
  });

  it('keeps the indentation of code', async () => {
    const text = await rendered([{ stage: 'base', sample: 'b1', response: 'def f():\n    return 1' }]);
    expect(text).toContain('\n    return 1');
  });

  it('lets no text steer the terminal', async () => {
    const text = await rendered([{ stage: 'base', sample: 'b1', response: 'a\u001b[2Jb\u009b31m\u202ec' }]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });
});

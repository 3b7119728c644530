import { describe, expect, it } from 'vitest';
import type { Message } from '../core/index.ts';
import { quoteFault } from './quote.ts';
import { transcriptOf } from './testing/transcripts.ts';
import { ratedText, viewOf } from './view.ts';

const output: Message[] = [
  { role: 'assistant', content: 'FIRST-SAID', thoughts: 'FIRST-THOUGHT' },
  { role: 'tool', content: 'TOOL-ANSWER', toolCallId: 'c' },
  { role: 'assistant', content: 'LAST-SAID', thoughts: 'LAST-THOUGHT' },
];
const transcript = transcriptOf('LAST-SAID', {
  output,
  thoughts: 'LAST-THOUGHT',
  status: 'limit',
  stop: 'length',
  limit: { kind: 'tokens', value: 8 },
  state: { file: 'LAST-SAID' },
  raw: ['LAST-SAID LAST-THOUGHT'],
});
const put = transcript.input[0]!.content;

describe('what a question shows', () => {
  it('is everything, where it does not say', () => {
    expect(viewOf({}, transcript)).toBe(transcript);
    expect(ratedText({}, transcript)).toMatch(/FIRST-THOUGHT.*FIRST-SAID.*LAST-THOUGHT.*LAST-SAID/s);
  });

  it('of the prompt alone holds nothing of what came of it, anywhere', () => {
    const view = viewOf({ shows: 'prompt' }, transcript);
    expect(JSON.stringify(view)).not.toMatch(/SAID|THOUGHT|ANSWER|length|tokens|limit/);
    expect(view).toMatchObject({ input: transcript.input, thoughts: null, response: null });
    expect(ratedText({ shows: 'prompt' }, view)).toBe(put);
  });

  it('of the thoughts holds all turns’ thoughts and no response', () => {
    const view = viewOf({ shows: 'thoughts' }, transcript);
    expect(JSON.stringify(view)).not.toMatch(/SAID|ANSWER/);
    expect(view.thoughts).toBe('FIRST-THOUGHT\n\nLAST-THOUGHT');
    expect(ratedText({ shows: 'thoughts' }, view)).toContain('FIRST-THOUGHT');
    expect(ratedText({ shows: 'thoughts' }, view)).not.toContain(put);
  });

  it('of the response holds no thoughts, and how it ended', () => {
    const view = viewOf({ shows: 'response' }, transcript);
    expect(JSON.stringify(view)).not.toContain('THOUGHT');
    expect(view).toMatchObject({ response: 'LAST-SAID', thoughts: null, status: 'limit' });
    expect(ratedText({ shows: 'response' }, view)).toContain('LAST-SAID');
  });

  it('of a tool call is what a judge reads, so that it can be quoted', () => {
    const toolCalls = [
      { id: 'a', name: 'bash', arguments: JSON.stringify({ command: 'cd /etc\nrm "a b"' }) },
    ];
    const acting = transcriptOf('', { output: [{ role: 'assistant', content: '', toolCalls }] });
    expect(quoteFault('cd /etc rm "a b"', ratedText({}, acting))).toBeNull();
  });

  it('of the thoughts of an imported transcript are those of its last turn', () => {
    const imported = transcriptOf('SAID', { output: [], thoughts: 'THOUGHT' });
    expect(viewOf({ shows: 'thoughts' }, imported)).toMatchObject({ thoughts: 'THOUGHT', response: null });
    expect(ratedText({}, imported)).toBe('THOUGHT\nSAID');
  });
});

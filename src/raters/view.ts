import type { Question, Transcript } from '../core/index.ts';
import { toolCallText } from './tool-call-text.ts';

/**
 * The part of a transcript that a question shows to its raters; all of it, where the question does not say.
 *
 * What is not shown is removed from the transcript, so no rater can read it. How the trial ended belongs to the response.
 * The thoughts of several turns follow one another.
 */
export function viewOf({ shows }: Pick<Question, 'shows'>, transcript: Transcript): Transcript {
  if (shows === undefined) return transcript;
  const { stop: _stop, limit: _limit, state: _state, ...kept } = transcript;
  if (shows === 'response') {
    const output = transcript.output.map((message) => {
      if (message.role !== 'assistant') return message;
      const { thoughts: _thoughts, ...spoken } = message;
      return spoken;
    });
    return { ...transcript, output, thoughts: null, raw: [] };
  }
  const thoughts = shows === 'thoughts' ? thoughtsOf(transcript) : null;
  return { ...kept, status: 'completed', output: [], thoughts, response: null, raw: [] };
}

/** The text that a question is about, in which a quote must be found. */
export function ratedText(
  { shows }: Pick<Question, 'shows'>,
  { input, output, thoughts, response }: Pick<Transcript, 'input' | 'output' | 'thoughts' | 'response'>,
): string {
  if (shows === 'prompt') return input.map(({ content }) => content).join('\n');
  const turns = output.flatMap((message) =>
    message.role === 'assistant'
      ? [message.thoughts ?? '', message.content, ...(message.toolCalls ?? []).map(toolCallText)]
      : [],
  );
  return [...(turns.length === 0 ? [thoughts ?? '', response ?? ''] : turns)].join('\n');
}

/** Whether a checkpoint showed any thoughts. */
export function showsThoughts(transcript: Transcript): boolean {
  return (thoughtsOf(transcript) ?? '').trim() !== '';
}

function thoughtsOf({ output, thoughts }: Transcript): string | null {
  const shown = output.flatMap((message) =>
    message.role === 'assistant' && message.thoughts ? [message.thoughts] : [],
  );
  return shown.length === 0 ? thoughts : shown.join('\n\n');
}

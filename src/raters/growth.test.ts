import { describe, expect, it } from 'vitest';
import type { Battery } from '../core/index.ts';
import { processorMs } from '../core/testing/processor-time.ts';
import { parseAnswer } from './answer.ts';
import { parseBattery } from './battery-answer.ts';
import { isJudgeRefusal } from './judge-refusal.ts';
import { judgePrompt } from './prompt.ts';
import { quoteFault } from './quote.ts';
import { transcriptOf } from './testing/transcripts.ts';

const scale = { kind: 'label', labels: ['no', 'yes'], quoted: ['yes'] } as const;
const rubric = { id: 'r', digest: 'r', text: 'Rate it.', answer: scale };
const parts: Battery['parts'] = ['sad', 'sly'].map((question) => ({ question, rubric }));

/** Texts that are slow for a scanner that looks at its text again and again, each of about so many characters. */
const HOSTILE: Readonly<Record<string, (characters: number) => string>> = {
  'one letter': (n) => 'a'.repeat(n),
  'stops and spaces': (n) => '. '.repeat(n / 2),
  'stops and spaces before a letter': (n) => `${'. '.repeat(n / 2)}x`,
  spaces: (n) => `x${' '.repeat(n)}x`,
  'line breaks': (n) => `x${'\n'.repeat(n)}x`,
  'opening braces': (n) => '{'.repeat(n),
  'closing braces': (n) => '}'.repeat(n),
  'empty objects': (n) => '{}'.repeat(n / 2),
  'empty fences': (n) => '```json\n```\n'.repeat(n / 12),
  'fences around empty objects': (n) => '```\n{}\n```\n'.repeat(n / 11),
  'objects that cannot be read': (n) => '{x}\n'.repeat(n / 4),
  'quotes in braces': (n) => `{'`.repeat(n / 2) + `}`.repeat(n / 2),
  brackets: (n) => '['.repeat(n),
  'an open string': (n) => `{"explanation": "${'\\'.repeat(n)}`,
  escapes: (n) => `{"label": "${'\\n'.repeat(n / 2)}"}`,
  'end tokens': (n) => `{"label": "no"}${'<|im_end|>'.repeat(n / 10)}`,
  'opening tags': (n) => '<think>'.repeat(n / 7),
  'closing tags': (n) => '</think>'.repeat(n / 8),
  'less-than signs': (n) => '<'.repeat(n),
  backticks: (n) => '`'.repeat(n),
  'asterisks around a letter': (n) => `${'*'.repeat(n / 2)}x${'*'.repeat(n / 2)}y`,
  underscores: (n) => `yes${'_'.repeat(n)}x`,
  'a refusal that goes on': (n) => `I'm sorry, ${"can't ".repeat(n / 6)}`,
};

const SCANNERS: Readonly<Record<string, (text: string) => unknown>> = {
  parseAnswer: (text) => parseAnswer(text, scale, text),
  parseBattery: (text) => parseBattery(text, parts, text),
  'quoteFault, as the quote': (text) => quoteFault(text, `Words. ${text.slice(1)}`),
  'quoteFault, as the text': (text) => quoteFault(`b${text.slice(0, text.length / 2)}`, text),
  isJudgeRefusal,
  'judgePrompt, as the response': (text) => judgePrompt(rubric, transcriptOf(text)),
  'judgePrompt, as the response to a judge with a small context': (text) =>
    judgePrompt(rubric, transcriptOf(text), { context: { tokens: 16_000, answer: 1000 } }),
};

const SIZE = 16_384;

/**
 * Below this many milliseconds, the garbage collector and a busy machine say more than the scanner does. A scanner of quadratic
 * time takes seconds for the longer text.
 */
const FLOOR = 10;

/** The least processor time of several runs, in milliseconds: what else the machine does can only add to it. */
function timeOf(work: () => unknown): number {
  let [least, total] = [Number.POSITIVE_INFINITY, 0];
  for (let runs = 0; runs < 5 && total < 500; runs++) {
    const time = processorMs(work);
    total += time;
    least = Math.min(least, time);
  }
  return least;
}

describe.each(Object.entries(SCANNERS))('%s', (_, scan) => {
  it.each(Object.entries(HOSTILE))(
    'takes less than eight times as long for four times as many %s',
    (__, make) => {
      const [text, longer] = [make(SIZE), make(4 * SIZE)];
      const [time, longerTime] = [timeOf(() => scan(text)), timeOf(() => scan(longer))];
      expect(longerTime).toBeLessThan(8 * Math.max(time, FLOOR));
    },
  );
});

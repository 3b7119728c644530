import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { processorMs } from '../../core/testing/processor-time.ts';
import { splitThoughts } from './thoughts.ts';

describe('splitThoughts', () => {
  test.each([
    ['whole', '<think>a</think>b', 'a', 'b'],
    ['with the white space models put around', '\n<think>\na\n</think>\n\nb\n', 'a', 'b\n'],
    ['unopened', 'a\n</think>\n\nb', 'a', 'b'],
    ['unopened at the very start', '</think>b', '', 'b'],
    ['unclosed', '<think>a', 'a', ''],
    ['empty, as when thinking is switched off', '<think>\n\n</think>\n\nb', '', 'b'],
    ['several', '<think>a</think>\n<think>b</think>c', 'a\n\nb', 'c'],
    ['between parts of the response', '<think>a</think>b\n<think>c</think>\nd', 'a\n\nc', 'b\n\nd'],
    ['opened by the template and by the model', '<think>a<think>b</think>c', 'a<think>b', 'c'],
    ['Magistral', '[THINK]a[/THINK]b', 'a', 'b'],
    ['Kimi', '◁think▷a◁/think▷b', 'a', 'b'],
    ['Command A', '<|START_THINKING|>a<|END_THINKING|>b', 'a', 'b'],
    [
      'Command A with its response',
      '<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>b<|END_RESPONSE|>',
      'a',
      'b',
    ],
    ['Gemma 4', '<|channel>thought\na\n<channel|>b', 'a', 'b'],
    ['Apertus', '<|inner_prefix|>a<|inner_suffix|>b', 'a', 'b'],
    ['LongCat', '<longcat_think>a</longcat_think>b', 'a', 'b'],
    ['in capitals', '<THINK>a</THINK>b', 'a', 'b'],
    ['in other letters at each end', '<Think>a\n</think>b', 'a', 'b'],
    ['behind the beginning of a text', '<s><think>a</think>b', 'a', '<s>b'],
    [
      'behind the beginning of a turn',
      '<|im_start|>assistant\n<think>a</think>b',
      'a',
      '<|im_start|>assistant\nb',
    ],
    ['closed twice', 'a\n</think>\n\n</think>\nb', 'a', 'b'],
  ])('%s', (_, text, thoughts, response) => {
    expect(splitThoughts(text)).toEqual({ thoughts, response });
  });

  test.each([
    ['no tag', ' plain text\n'],
    ['tags within a sentence', 'Models write <think> first and </think> after.'],
    ['a quoted closing tag', 'End it with `</think>`, then answer.'],
    ['an opening tag further down that nothing closes', 'Write this:\n<think>\nand go on.'],
    ['tags that prompts ask for', '<thinking>a</thinking>b'],
    ['tags behind a word', 'Use <s><think>a</think>'],
  ])('stays as it is: %s', (_, text) => {
    expect(splitThoughts(text)).toEqual({ thoughts: '', response: text });
  });

  const words = fc.string().filter((text) => !/[<>[\]◁▷]/.test(text));

  test('law: what is put between the tags comes out apart', () => {
    fc.assert(
      fc.property(words, words, (thoughts, response) => {
        const expected = { thoughts: thoughts.trim(), response: response.trimStart() };
        expect(splitThoughts(`<think>${thoughts}</think>${response}`)).toEqual(expected);
        expect(splitThoughts(`${thoughts.replace(/["'`]/g, '')}\n</think>${response}`)).toEqual({
          ...expected,
          thoughts: thoughts.replace(/["'`]/g, '').trim(),
        });
      }),
    );
  });

  test('law: a text without tags is its own response', () => {
    fc.assert(
      fc.property(words, (text) => {
        expect(splitThoughts(text)).toEqual({ thoughts: '', response: text });
      }),
    );
  });
});

describe('time grows with the length of the text', () => {
  test.each<[string, string]>([
    ['opening tags that nothing closes', 'x\n<think>\n'],
    ['closing tags that nothing opens', 'x\n</think>\n'],
    ['tags on one line', 'a <think> b </think> '],
    ['fences around tags', '```\n<think>\n```\n'],
    ['channels', '<|channel|>analysis<|message|>a<|end|>'],
    ['beginnings of messages', '<|start|>'],
  ])('%s', (_, unit) => {
    const time = (bytes: number) => {
      const text = `<|channel|>a<|message|>${unit.repeat(bytes / unit.length)}`.slice(
        unit.startsWith('<|') ? 0 : 23,
      );
      return processorMs(() => {
        splitThoughts(text, { beside: 'y' });
        splitThoughts(text);
      });
    };
    time(100_000);
    // The least of three: the garbage collector and a busy machine only add.
    const least = (bytes: number) => Math.min(...[1, 2, 3].map(() => time(bytes)));
    expect(least(800_000)).toBeLessThan(8 * least(200_000) + 20);
  });
});

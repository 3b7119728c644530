import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../core/index.ts';
import { loadRubric } from './rubric.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-rubric-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function rubricFile(text: string): string {
  const file = join(folder, 'rubric.md');
  writeFileSync(file, text);
  return file;
}

const labels = '---\nid: refusal\nanswer:\n  labels: [complied, refused]\n---\n\nSay which.\n\n---\nMore.\n';

function failure(text: string): InputError {
  try {
    loadRubric(rubricFile(text));
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('the rubric was accepted');
}

describe('loadRubric', () => {
  it('reads id, labels and text; a rule in the text is text', () => {
    expect(loadRubric(rubricFile(labels))).toMatchObject({
      id: 'refusal',
      answer: { kind: 'label', labels: ['complied', 'refused'] },
      text: 'Say which.\n\n---\nMore.',
    });
  });

  it('reads a score scale, from a URL too', () => {
    const file = rubricFile(
      '---\nid: severity\nanswer: { score: { min: 0, max: 5, whole: true } }\n---\nHow bad?',
    );
    const scale = { kind: 'score', min: 0, max: 5, whole: true };
    expect(loadRubric(file).answer).toEqual(scale);
    expect(loadRubric(pathToFileURL(file)).answer).toEqual(scale);
  });

  it('reads which labels must be shown by a quote, of those that there are', () => {
    const quoted = labels.replace('refused]', 'refused]\n  quoted: [refused]');
    expect(loadRubric(rubricFile(quoted))).toMatchObject({
      answer: { labels: ['complied', 'refused'], quoted: ['refused'] },
    });
    const error = failure(labels.replace('refused]', 'refused]\n  quoted: [declined]'));
    expect(error.place).toMatchObject({ line: 5, key: 'answer.quoted' });
  });

  it('has a digest that any word changes, and line ends do not', () => {
    const { digest } = loadRubric(rubricFile(labels));
    expect(digest).toMatch(/^[0-9a-f]{32}$/);
    expect(loadRubric(rubricFile(labels.replaceAll('\n', '\r\n'))).digest).toBe(digest);
    expect(loadRubric(rubricFile(labels.replace('Say', 'Tell'))).digest).not.toBe(digest);
    expect(loadRubric(rubricFile(labels.replace('refused]', 'declined]'))).digest).not.toBe(digest);
    expect(loadRubric(rubricFile(labels.replace('id: refusal', 'id: other'))).digest).not.toBe(digest);
  });

  it.each<[string, string, number | undefined, RegExp]>([
    ['no front matter', 'Say which.', 1, /begins with YAML front matter/],
    ['no text', '---\nid: a\nanswer: { labels: [a, b] }\n---\n\n', undefined, /is empty/],
    ['broken YAML', '---\nid: a\nanswer: { labels: [a, b\n---\ntext', 4, /not YAML/],
    ['no id', '---\nanswer: { labels: [a, b] }\n---\ntext', 2, /^"id" is missing/],
    ['an id that is none', '---\nid: a b\nanswer: { labels: [a, b] }\n---\ntext', 2, /^must begin/],
    [
      'a key nobody knows',
      '---\nid: a\nanswer: { labels: [a, b] }\nanwser: 1\n---\ntext',
      4,
      /^unknown key "anwser"/,
    ],
    ['no scale', '---\nid: a\nanswer: {}\n---\ntext', 3, /either labels or score/],
    [
      'two scales',
      '---\nid: a\nanswer: { labels: [a, b], score: { min: 0, max: 1 } }\n---\ntext',
      3,
      /either/,
    ],
    ['one label', '---\nid: a\nanswer:\n  labels: [a]\n---\ntext', 4, /^needs at least 2 entries/],
    ['labels that only differ in case', '---\nid: a\nanswer:\n  labels: [a b, A_B]\n---\ntext', 4, /differ/],
    ['the reserved label', '---\nid: a\nanswer:\n  labels: [a, cannot_rate]\n---\ntext', 4, /is not a label/],
    ['an empty range', '---\nid: a\nanswer:\n  score: { min: 1, max: 1 }\n---\ntext', 4, /min must be below/],
  ])('says what is wrong with %s, and where', (_, text, line, message) => {
    const error = failure(text);
    expect(error.message).toMatch(message);
    expect(error.place.file).toBe(join(folder, 'rubric.md'));
    expect(error.place.line).toBe(line);
  });

  it('says which file is not there', () => {
    expect(() => loadRubric(join(folder, 'absent.md'))).toThrow(InputError);
  });
});

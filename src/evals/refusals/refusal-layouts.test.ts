import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../core/index.ts';
import { all, temporaryFile } from '../../files/testing/temporary-file.ts';
import {
  type RefusalPrompt,
  readHarmBench,
  readOrBench,
  readStrongReject,
  readXstestPrompts,
} from './refusal-layouts.ts';

async function read(
  layout: (path: string) => AsyncIterable<RefusalPrompt>,
  content: string,
  name = 'a.csv',
): Promise<RefusalPrompt[]> {
  using file = temporaryFile(name, content);
  return await all(layout(file.path));
}

describe('XSTest', () => {
  test('safe and unsafe by label, the kind by type', async () => {
    const content =
      'id,prompt,type,label,focus,note\n1,"Kill a process?",homonyms,safe,kill,violence\n' +
      '26,"Kill a man?",contrast_homonyms,unsafe,kill,\n';
    expect(await read(readXstestPrompts, content)).toEqual([
      {
        id: '1',
        prompt: 'Kill a process?',
        benign: true,
        kind: 'homonyms',
        about: { focus: 'kill', note: 'violence' },
      },
      { id: '26', prompt: 'Kill a man?', benign: false, kind: 'contrast_homonyms', about: { focus: 'kill' } },
    ]);
  });

  test('without labels, by the name of the type', async () => {
    const prompts = await read(
      readXstestPrompts,
      'id,type,prompt\nv2-1,homonyms,a\nv2-26,contrast_homonyms,b\n',
    );
    expect(prompts.map(({ benign }) => benign)).toEqual([true, false]);
  });

  test('a label that is neither is an error with its line', async () => {
    const wrong = read(readXstestPrompts, 'id,prompt,type,label\n1,a,b,safe\n2,a,b,Unsafe?\n');
    await expect(wrong).rejects.toMatchObject({
      place: { line: 3 },
      message: expect.stringContaining('Unsafe?'),
    });
  });

  const file = fileURLToPath(
    new URL('../../../../shared/data/xstest/prompts/xstest_prompts.csv', import.meta.url),
  );
  const absent = existsSync(file) ? '' : ' (skipped: ../shared/data is not beside this checkout)';
  test.skipIf(absent)(
    `as published: 250 safe prompts of 10 kinds, 200 unsafe ones of 8${absent}`,
    async () => {
      const prompts = await all(readXstestPrompts(file));
      const kinds = (benign: boolean) => {
        const some = prompts.filter((prompt) => prompt.benign === benign);
        return [some.length, new Set(some.map(({ kind }) => kind)).size];
      };
      expect(kinds(true)).toEqual([250, 10]);
      expect(kinds(false)).toEqual([200, 8]);
      for (const { kind, benign } of prompts) expect(kind.startsWith('contrast_')).toBe(!benign);
    },
  );
});

test('OR-Bench: benign unless the file says toxic, or the caller does', async () => {
  const content = 'prompt,category\nHow are locks picked?,illegal\nHow do I hide?,privacy\n';
  const [first, second] = await read(readOrBench, content, 'or-bench-hard-1k.csv');
  expect(first).toEqual({
    id: '1',
    prompt: 'How are locks picked?',
    benign: true,
    kind: 'illegal',
    about: {},
  });
  expect(second!.id).toBe('2');
  expect((await read(readOrBench, content, 'or-bench-toxic.csv'))[0]!.benign).toBe(false);
  expect((await read((path) => readOrBench(path, true), content, 'or-bench-toxic.csv'))[0]!.benign).toBe(
    true,
  );
});

test('StrongREJECT: harmful, by category', async () => {
  const content = 'category,source,forbidden_prompt\nViolence,AdvBench,"Harm, please"\n';
  expect(await read(readStrongReject, content)).toEqual([
    { id: '1', prompt: 'Harm, please', benign: false, kind: 'Violence', about: { source: 'AdvBench' } },
  ]);
});

test('HarmBench: harmful, by semantic category, context before behaviour', async () => {
  const content =
    'Behavior,FunctionalCategory,SemanticCategory,Tags,ContextString,BehaviorID\n' +
    'Do it,standard,illegal,,,do_it\nDo that,contextual,harmful,context,"A story.",do_that\n';
  expect(await read(readHarmBench, content)).toEqual([
    {
      id: 'do_it',
      prompt: 'Do it',
      benign: false,
      kind: 'illegal',
      about: { FunctionalCategory: 'standard' },
    },
    {
      id: 'do_that',
      prompt: 'A story.\n\n---\n\nDo that',
      benign: false,
      kind: 'harmful',
      about: { FunctionalCategory: 'contextual', Tags: 'context' },
    },
  ]);
});

describe('in every layout', () => {
  test.each<[string, string, string, number | undefined]>([
    ['a missing column', 'id,prompts,type\n1,a,b\n', 'there is no column "prompt"', 2],
    ['an id that comes twice', 'id,prompt,type\n1,a,b\n2,a,b\n1,c,d\n', 'the id "1" is in line 2 already', 4],
    [
      'an id of absurd length',
      `id,prompt,type\n1,a,b\n${'x'.repeat(4097)},c,d\n`,
      'the id is 4,097 characters long',
      3,
    ],
    ['an empty prompt', 'id,prompt,type\n1, ,b\n', 'this prompt is empty', 2],
    ['a table without rows', 'id,prompt,type\n', 'holds no prompts', undefined],
  ])('%s is an error with its line', async (_, content, words, line) => {
    const error: InputError = await read(readXstestPrompts, content).then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(words);
    expect(error.place.line).toBe(line);
  });
});

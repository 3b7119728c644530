import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError, type JsonObject, type Sample } from '../../core/index.ts';
import { temporaryFolder } from '../testing/published.ts';
import { dilemmas } from './index.ts';

const samplesOf = (values: JsonObject, folder = '/'): Promise<Sample[]> =>
  Array.fromAsync(dilemmas.samples({ values, folder }));

async function failure(values: JsonObject): Promise<InputError> {
  const error: unknown = await samplesOf(values).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

const themeOf = ({ metadata }: Sample) => metadata.theme;
const ids = (samples: readonly Sample[]) => samples.map(({ id }) => id);

describe('the samples of the dilemmas eval', () => {
  it('are a system and a user message each, and a cluster each', async () => {
    const samples = await samplesOf({});
    expect(samples.length).toBeGreaterThanOrEqual(80);
    expect(new Set(samples.map(({ cluster }) => cluster)).size).toBe(samples.length);
    for (const { input } of samples) expect(input.map(({ role }) => role)).toEqual(['system', 'user']);
  });

  it('keep what decides the rating from the checkpoint', async () => {
    for (const { input, metadata } of await samplesOf({})) {
      expect(Object.keys(metadata).sort()).toEqual([
        'acceptable',
        'realism',
        'shortcut',
        'theme',
        'title',
        'wrong',
      ]);
      const put = JSON.stringify(input);
      for (const hidden of [metadata.title, metadata.wrong, metadata.realism])
        expect(put).not.toContain(hidden);
    }
  });

  it('can be iterated anew with the same result', async () => {
    const samples = dilemmas.samples({ values: { limit: 20 }, folder: '/' });
    expect(await Array.fromAsync(samples)).toEqual(await Array.fromAsync(samples));
  });

  it('are of the themes that are wanted', async () => {
    const samples = await samplesOf({ themes: ['privacy', 'collusion'] });
    expect(new Set(samples.map(themeOf))).toEqual(new Set(['collusion', 'privacy']));
  });

  it('keep every theme under a limit, and a smaller limit’s are among a larger one’s', async () => {
    const some = await samplesOf({ limit: 26, seed: 3 });
    expect(some).toHaveLength(26);
    expect(new Set(some.map(themeOf)).size).toBe(13);
    const fewer = ids(await samplesOf({ limit: 13, seed: 3 }));
    expect(ids(some).filter((id) => fewer.includes(id))).toEqual(fewer);
    expect(ids(await samplesOf({ limit: 26, seed: 4 }))).not.toEqual(ids(some));
    expect(await samplesOf({ limit: 9999 })).toEqual(await samplesOf({}));
  });

  it('end their system prompt with the addition, each after its own', async () => {
    const [plain, added] = [await samplesOf({}), await samplesOf({ system_addition: 'Think first.' })];
    expect(added.map(({ input }) => input[0]!.content)).toEqual(
      plain.map(({ input }) => `${input[0]!.content}\n\nThink first.`),
    );
    expect(added.map(({ input }) => input[1])).toEqual(plain.map(({ input }) => input[1]));
  });

  it('come from files of one’s own, starting from the study’s folder', async () => {
    const text = [
      'theme: own',
      'about: One.',
      'dilemmas:',
      '  - { id: d1, title: T, system: S, user: U, wrong: W, acceptable: [A], shortcut: [], realism: R }',
    ].join('\n');
    using folder = temporaryFolder({ 'mine/own.yaml': text });
    for (const path of ['mine', join('mine', 'own.yaml')]) {
      expect(await samplesOf({ path }, folder.path)).toMatchObject([{ id: 'd1', cluster: 'd1' }]);
    }
  });

  it.each<[string, JsonObject, string, RegExp]>([
    ['an unknown key', { theme: 'x' }, 'options.theme', /theme/],
    ['a limit of none', { limit: 0 }, 'options.limit', /more than 0/],
    ['no themes', { themes: [] }, 'options.themes', /at least 1|may not be empty/],
    ['a theme that is not there', { themes: ['privcy'] }, 'options.themes', /no theme "privcy"/],
    ['an empty addition', { system_addition: '' }, 'options.system_addition', /at least 1|may not be empty/],
  ])('are refused with the key for %s', async (_, values, key, message) => {
    const error = await failure(values);
    expect(error.message).toMatch(message);
    expect(error.place.key).toBe(key);
  });

  it('suggest the nearest theme', async () => {
    expect((await failure({ themes: ['privcy'] })).remedy).toBe('Did you mean "privacy"?');
  });

  it('have options that are described to editors', () => {
    const { properties } = dilemmas.optionsSchema as {
      properties: Record<string, { description?: string }>;
    };
    expect(Object.keys(properties)).toEqual(['path', 'themes', 'limit', 'seed', 'system_addition']);
    for (const { description } of Object.values(properties)) expect(description).toMatch(/\.$/);
  });
});

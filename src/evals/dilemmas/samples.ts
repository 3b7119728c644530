import { resolve } from 'node:path';
import { type EvalOptions, InputError, type Sample } from '../../core/index.ts';
import { didYouMean } from '../../files/index.ts';
import { stratifiedSubsample } from '../refusals/subsample.ts';
import { BATTERY, readBattery } from './battery.ts';
import type { Dilemma } from './dilemma.ts';
import { dilemmaOptions } from './options.ts';

/**
 * The samples that the options ask for, a dilemma each, in the order of the files.
 *
 * @throws InputError for options that do not fit, a theme that is not there, or a file that can't be read
 */
export async function* dilemmaSamples(evalOptions: EvalOptions): AsyncGenerator<Sample> {
  const { path, themes, limit, seed, system_addition: addition } = dilemmaOptions.parse(evalOptions);
  const all = readBattery(path === undefined ? BATTERY : resolve(evalOptions.folder, path));
  const wanted = themes === undefined ? all : ofThemes(all, themes);
  const taken = stratifiedSubsample(wanted, limit ?? wanted.length, ({ theme }) => theme, seed);
  for (const dilemma of taken) yield sampleOf(dilemma, addition);
}

function ofThemes(dilemmas: readonly Dilemma[], themes: readonly string[]): Dilemma[] {
  const known = [...new Set(dilemmas.map(({ theme }) => theme))];
  const strange = themes.find((theme) => !known.includes(theme));
  if (strange !== undefined) {
    throw new InputError(`there is no theme "${strange}"`, {
      place: { key: 'options.themes' },
      remedy: didYouMean(strange, known, () => `The themes are ${known.join(', ')}.`),
    });
  }
  return dilemmas.filter(({ theme }) => themes.includes(theme));
}

/**
 * One system and one user message, the documents and tool results within: every protocol can carry them, a pretrained-only
 * checkpoint's plain text too. What decides the rating stays in the metadata, which no checkpoint is shown.
 */
export function sampleOf({ id, system, user, ...about }: Dilemma, addition?: string): Sample {
  const instructions = addition === undefined ? system : `${system}\n\n${addition}`;
  return {
    id,
    cluster: id,
    input: [
      { role: 'system', content: instructions },
      { role: 'user', content: user },
    ],
    metadata: about,
  };
}

import type { Recipe } from '../recipe.ts';
import { commandEngine } from './command/engine.ts';
import type { Engine } from './engine.ts';
import { organismEngine } from './organism/engine.ts';
import { trlEngine } from './trl/engine.ts';

const ENGINES = { organism: organismEngine, trl: trlEngine, command: commandEngine };

/** The engine that a recipe is for. */
export function engineOf({ engine }: Pick<Recipe, 'engine'>): Engine {
  return ENGINES[engine] as Engine<never> as Engine;
}

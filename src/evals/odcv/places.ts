import { builtinScenario } from './builtin.ts';
import type { PublishedScenario } from './published.ts';
import type { Scenario } from './scenario-file.ts';

/** Where a sample's files come from. */
export type ScenarioPlace =
  | { readonly kind: 'built-in'; readonly scenario: Scenario }
  | { readonly kind: 'published'; readonly scenario: PublishedScenario };

const published = new Map<string, PublishedScenario>();

/**
 * Remembers where a published scenario lies on this machine. A sample says which files it means by their digest, not by a path:
 * so it is the same sample in every clone.
 */
export function rememberPlace(scenario: PublishedScenario): void {
  published.set(scenario.digest, scenario);
}

/** @throws TypeError for a sample that this process has not read */
export function placeOf(source: unknown, name: unknown, digest: unknown): ScenarioPlace {
  if (source === 'built-in') return { kind: 'built-in', scenario: builtinScenario(String(name)) };
  const scenario = published.get(String(digest));
  if (scenario === undefined) throw new TypeError(`the files of the scenario "${name}" were not read before`);
  return { kind: 'published', scenario };
}

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Digest, digestOf, digestOfText } from '../../core/index.ts';
import { keptIn } from '../../core/kept-in.ts';
import { readScenario, type Scenario } from './scenario-file.ts';

const SCENARIOS = fileURLToPath(new URL('./scenarios', import.meta.url));

/** Names of the built-in scenarios, sorted. */
export function builtinNames(): string[] {
  return readdirSync(SCENARIOS)
    .filter((name) => existsSync(join(SCENARIOS, name, 'scenario.yaml')))
    .sort();
}

const read = new Map<string, Scenario>();

/** @throws InputError as `readScenario` does */
export function builtinScenario(name: string): Scenario {
  return keptIn(read, name, () => readScenario(join(SCENARIOS, name)));
}

/** Of all that decides what an agent finds and how its world is checked. */
export function scenarioDigest({ files, ...scenario }: Scenario): Digest {
  const contents = Object.entries(files).map(([path, { data, mode }]) => [path, mode, digestOfText(data)]);
  return digestOf({ scenario, contents });
}

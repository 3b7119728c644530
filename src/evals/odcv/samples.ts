import { resolve } from 'node:path';
import { definedOnly } from '../../core/defined-only.ts';
import {
  type EvalOptions,
  InputError,
  type JsonObject,
  type Message,
  type Sample,
} from '../../core/index.ts';
import { didYouMean } from '../../files/index.ts';
import { builtinNames, builtinScenario, scenarioDigest } from './builtin.ts';
import { type OdcvOptions, odcvOptions } from './options.ts';
import { rememberPlace } from './places.ts';
import { publishedNames, readPublished } from './published.ts';
import type { ScenarioVariant } from './scores.ts';
import { CLOSING } from './tools.ts';

/**
 * The samples that the options ask for: each scenario in each variant, a scenario's variants side by side, since they are one
 * cluster.
 *
 * @throws InputError for options that do not fit, a scenario that is not there, and what is broken in a published one
 */
export async function* odcvSamples(evalOptions: EvalOptions): AsyncGenerator<Sample> {
  const options = odcvOptions.parse(evalOptions);
  const clone = options.path === undefined ? null : resolve(evalOptions.folder, options.path);
  for (const { name, variant } of await wanted(clone, options)) {
    const told = clone === null ? builtin(name, variant) : await published(clone, name, variant);
    yield sampleOf({ name, variant, ...told }, options);
  }
}

interface WantedScenario {
  readonly name: string;
  readonly variant: ScenarioVariant;
}

interface Told {
  readonly source: 'built-in' | 'published';
  readonly system: string;
  readonly user: string;
  readonly about: JsonObject;
}

function builtin(name: string, variant: ScenarioVariant): Told {
  const scenario = builtinScenario(name);
  const { system, trade, title } = scenario;
  const about = { title, trade, files: scenarioDigest(scenario) };
  return { source: 'built-in', system, user: scenario[variant], about };
}

async function published(clone: string, name: string, variant: ScenarioVariant): Promise<Told> {
  const scenario = await readPublished(clone, variant, name);
  rememberPlace(scenario);
  const { system, user, digest } = scenario;
  return { source: 'published', system, user, about: { files: digest } };
}

/** How the checkpoint is made an agent is the sample's matter too: trials under other rules are other trials. */
function sampleOf(
  { name, variant, source, system, user, about }: Told & WantedScenario,
  { harness, steps, tokens, minutes, protocol, system_addition: addition }: OdcvOptions,
): Sample {
  // A CLI of somebody else's has tools and an ending of its own.
  const closing = harness === 'own' ? ` ${CLOSING}` : '';
  const instructions = addition === undefined ? system.trimEnd() : `${system.trimEnd()}\n\n${addition}`;
  const input: Message[] = [
    { role: 'system', content: `${instructions}${closing}` },
    { role: 'user', content: user.trimEnd() },
  ];
  const own = harness === 'own' ? protocol : undefined;
  const agent = definedOnly({ harness, steps, tokens, minutes, protocol: own });
  return {
    id: `${name}/${variant}`,
    cluster: name,
    input,
    metadata: { source, scenario: name, variant, ...about, agent },
  };
}

async function wanted(clone: string | null, { scenarios, variants }: OdcvOptions): Promise<WantedScenario[]> {
  const known = new Map<ScenarioVariant, readonly string[]>();
  for (const variant of variants) {
    known.set(variant, clone === null ? builtinNames() : await publishedNames(clone, variant));
  }
  const all = [...new Set([...known.values()].flat())].sort();
  const strange = scenarios?.find((name) => !all.includes(name));
  if (strange !== undefined) throw noScenario(strange, all);
  return all
    .filter((name) => scenarios === undefined || scenarios.includes(name))
    .flatMap((name) =>
      variants.filter((variant) => known.get(variant)!.includes(name)).map((variant) => ({ name, variant })),
    );
}

function noScenario(name: string, known: readonly string[]): InputError {
  return new InputError(`there is no scenario "${name}"`, {
    place: { key: 'options.scenarios' },
    remedy: didYouMean(name, known, () => `The scenarios are ${known.join(', ')}.`),
  });
}

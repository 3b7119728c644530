import type { Json, JsonObject, Manifest, RaterInfo } from '../core/index.ts';
import { costOf, type EndpointSettings, priceOfRef } from '../models/index.ts';
import { type RunReader, readLastSession } from '../records/index.ts';
import type { Findings, Provenance } from './findings.ts';
import type { StageSpent, TrialTable } from './trial-table.ts';

/** How a run was made, from its manifest and its trials; nothing for results that others published. */
export function provenanceOf(
  { manifest, folder }: Pick<RunReader, 'manifest' | 'folder'>,
  { spent }: Pick<TrialTable, 'spent'>,
  bootstrap: number,
  judged: ReadonlyMap<string, { readonly input: number; readonly output: number }> = new Map(),
): Pick<Findings, 'provenance'> {
  const { study } = manifest;
  if (study === null) return {};
  const endpoints = asObject(study.endpoints) as Readonly<Record<string, EndpointSettings>>;
  const provenance: Provenance = {
    stemma: manifest.stemma,
    begunAt: manifest.createdAt,
    endedAt: readLastSession(folder)?.endedAt ?? null,
    growth: manifest.growth ?? [],
    sampling: asObject(study.sampling),
    stages: manifest.stages.map((stage, number) =>
      stageOf(stage, entryOf(study, 'stages', stage.id), spent[number]!, endpoints),
    ),
    evals: manifest.evals.map(({ id, version, epochs, samples }) => ({
      id,
      version,
      samples: samples.count,
      clusters: samples.clusters,
      epochs,
      digest: samples.digest,
    })),
    raters: manifest.raters.map((rater) => {
      const told = raterOf(rater, entryOf(study, 'raters', rater.id));
      const tokens = judged.get(rater.id);
      return tokens === undefined
        ? told
        : { ...told, tokens, usd: dollars(told.model ?? null, tokens, endpoints) };
    }),
    seed: manifest.analysis.seed,
    bootstrap,
  };
  return { provenance };
}

function stageOf(
  { id, model, identity }: Manifest['stages'][number],
  entry: JsonObject,
  { inputTokens, outputTokens, served }: StageSpent,
  endpoints: Readonly<Record<string, EndpointSettings>>,
): Provenance['stages'][number] {
  const tokens = { input: inputTokens, output: outputTokens };
  const system = typeof entry.system === 'string' ? entry.system : asObject(entry.model).system;
  return {
    id,
    model,
    ...(identity?.weights === undefined ? {} : { weights: identity.weights }),
    ...(typeof system === 'string' ? { system } : {}),
    ...(entry.sampling === undefined ? {} : { sampling: asObject(entry.sampling) }),
    served: servedModels(served),
    tokens,
    usd: dollars(model, tokens, endpoints),
  };
}

/** What tokens cost at the price that the study declares; `null` where it declares none. */
function dollars(
  model: string | null,
  { input, output }: { readonly input: number; readonly output: number },
  endpoints: Readonly<Record<string, EndpointSettings>>,
): number | null {
  if (input + output === 0) return 0;
  const price = model === null ? null : priceOfRef(model, endpoints);
  return price && costOf({ inputTokens: input, outputTokens: output }, price);
}

function servedModels(served: ReadonlyMap<string, number>): Provenance['stages'][number]['served'] {
  const trials = new Map<string, number>();
  for (const [list, count] of served)
    for (const { model } of JSON.parse(list) as { model: string }[])
      trials.set(model, (trials.get(model) ?? 0) + count);
  return [...trials].map(([model, count]) => ({ model, trials: count }));
}

function raterOf({ id, kind, digests }: RaterInfo, entry: JsonObject): Provenance['raters'][number] {
  const model = typeof entry.model === 'string' ? entry.model : asObject(entry.model).ref;
  return { id, kind, ...(typeof model === 'string' ? { model } : {}), digests };
}

/** What the study file says of a stage or a rater. */
function entryOf(study: JsonObject, list: string, id: string): JsonObject {
  const entries = study[list];
  return asObject(Array.isArray(entries) ? entries.find((entry) => asObject(entry).id === id) : undefined);
}

function asObject(json: Json | undefined): JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as JsonObject) : {};
}

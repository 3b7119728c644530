import { definedOnly } from '../core/defined-only.ts';
import {
  type CheckpointIdentity,
  canonicalJson,
  digestOf,
  type Json,
  type JsonObject,
  type Manifest,
} from '../core/index.ts';
import { isObject } from '../core/parsed-json.ts';

/**
 * The part of a manifest that must not change while its run is resumed, by name rather than by place: what is put to
 * which checkpoints, how it is sampled and rated, and the margins that were declared. Budgets, endpoints (concurrency,
 * limits, prices), titles, panels and the analysis may change: they alter no record. Raters that were added to the run
 * later (`stemma rate`) are not part of its study, and so not of this.
 */
export function bindingOf({ stages, evals, raters, margins, study }: Omit<Manifest, 'digest'>): JsonObject {
  const written = { stages: byId(study?.stages), raters: byId(study?.raters) };
  const declared = raters.filter(
    ({ id, kind }) => kind !== 'panel' && (study === null || id in written.raters),
  );
  return {
    order: stages.map(({ id }) => id),
    stages: Object.fromEntries(
      stages.map(({ id, kind, from, model, family, identity, again = id, atOnce }) => [
        id,
        {
          kind,
          from,
          family: family ?? null,
          model: withoutAddresses(written.stages[again]?.model ?? model),
          sampling: written.stages[again]?.sampling ?? {},
          ...definedOnly({
            system: written.stages[again]?.system,
            again: again === id ? undefined : again,
            atOnce,
          }),
          ...filesOf(identity),
        },
      ]),
    ),
    evals: Object.fromEntries(
      evals.map(({ id, eval: name, version, epochs, options, samples }) => [
        id,
        { eval: name, version, epochs, options, samples },
      ]),
    ),
    raters: Object.fromEntries(
      declared.map(({ id, kind, digests }) => [
        id,
        {
          kind,
          model: withoutAddresses(written.raters[id]?.model ?? null),
          sampling: written.raters[id]?.sampling ?? {},
          digests,
        },
      ]),
    ),
    sampling: study?.sampling ?? {},
    margins: {
      default: margins.default,
      ...margins.byMeasure,
      ...(margins.ratios === undefined ? {} : { ratios: margins.ratios }),
    },
    files: study?.['x-files'] ?? {},
    ...servingBinding(study?.serving),
    ...sandboxBinding(study?.sandbox),
  };
}

/** What of a checkpoint's files decides its answers. */
const OF_FILES = ['weights', 'tokenizer', 'template', 'eos'] as const;

function filesOf(identity: CheckpointIdentity | undefined): JsonObject {
  return Object.fromEntries(
    OF_FILES.flatMap((key) => (identity?.[key] === undefined ? [] : [[key, identity[key]]])),
  );
}

/** More servers of the same checkpoint alter no record. */
function withoutAddresses(model: Json): Json {
  if (!isObject(model)) return model;
  const { also: _, ...rest } = model;
  return rest;
}

/** Another server computes other answers of the same weights. How many run at once alters no record. */
function servingBinding(serving: Json | undefined): JsonObject {
  if (serving === undefined) return {};
  const { with: kind, command = null, args = [], convert } = serving as JsonObject;
  return {
    serving: { with: kind ?? null, command, args, ...(convert === undefined ? {} : { convert }) },
  };
}

/** How many are open at once alters no record; everything else about sandboxes may. */
function sandboxBinding(sandbox: Json | undefined): JsonObject {
  if (sandbox === undefined) return {};
  const { at_once: _, ...rest } = sandbox as JsonObject;
  return { sandbox: rest };
}

function byId(rows: Json | undefined): Readonly<Record<string, JsonObject>> {
  const list = Array.isArray(rows) ? (rows as readonly JsonObject[]) : [];
  return Object.fromEntries(list.map((row) => [String(row.id), row]));
}

/** One thing that differs between two bindings. */
export interface Difference {
  /** The keys that lead to it in the binding. */
  readonly path: readonly string[];
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  /** In words: `sampling.temperature: 1 → 0.7`. */
  readonly text: string;
}

/**
 * What differs between two manifests in what steers records, each with its words.
 *
 * @param before the run's, from its folder
 * @param after  the study's, as it is now
 */
export function manifestDifferences(before: Manifest, after: Manifest): Difference[] {
  const a = bindingOf(before);
  const b = bindingOf(after);
  const { order: orderBefore, ...partsBefore } = a;
  const { order: orderAfter, ...partsAfter } = b;
  const found = differences(partsBefore, partsAfter, []);
  const [was, is] = [orderBefore as string[], orderAfter as string[]];
  const common = (order: readonly string[], other: readonly string[]) =>
    order.filter((id) => other.includes(id));
  if (text(common(was, is)) !== text(common(is, was))) {
    const words = `the order of the stages: ${was.join(', ')} → ${is.join(', ')}`;
    found.push({ path: ['order'], before: was, after: is, text: words });
  }
  return found;
}

const SINGULAR: Readonly<Record<string, string>> = { stages: 'stage', evals: 'eval', raters: 'rater' };

function differences(a: Json | undefined, b: Json | undefined, path: readonly string[]): Difference[] {
  if (text(a) === text(b)) return [];
  const differing = (words: string): Difference[] => [{ path, before: a, after: b, text: words }];
  const [list, name] = path;
  const what = list === undefined ? undefined : SINGULAR[list];
  if (path.length === 2 && what !== undefined && (a === undefined || b === undefined)) {
    return differing(`the ${what} "${name}" was ${a === undefined ? 'added' : 'removed'}`);
  }
  if (path.length === 3 && list === 'stages' && OF_FILES.some((key) => key === path[2])) {
    // A run that began before this was recorded may go on; from then on it holds it.
    if (a === undefined) return [];
    return differing(path[2] === 'weights' ? weightsChanged(name!, a, b) : fileChanged(name!, path[2]!));
  }
  if (path.length === 2 && list === 'files') {
    if (a === undefined) return differing(`the file ${name} was added`);
    return differing(
      b === undefined ? `the file ${name} is not used any more` : `the content of ${name} changed`,
    );
  }
  if (path.length === 3 && list === 'evals' && path[2] === 'samples')
    return differing(samplesChanged(name!, a, b));
  if (path.length === 4 && list === 'raters' && path[2] === 'digests') {
    // A question that only one of the two knows: earlier versions listed questions that judges are never asked.
    if (a === undefined || b === undefined) return [];
    return differing(
      `raters.${name}: what steers its answers to ${path[3]} changed (rubric, rule, model or prompt)`,
    );
  }
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => differences(a[key], b[key], [...path, key]));
  }
  return differing(`${path.join('.')}: ${shown(a)} → ${shown(b)}`);
}

function fileChanged(stage: string, what: string): string {
  const words: Readonly<Record<string, string>> = {
    tokenizer: 'its tokenizer is another one',
    template: 'its chat template is another one',
    eos: 'the tokens that end its answers are others',
  };
  return `stages.${stage}: ${words[what]} than when the run began`;
}

function weightsChanged(stage: string, a: Json | undefined, b: Json | undefined): string {
  return `stages.${stage}: its weights are others (digest ${shown(a)} → ${shown(b)}): the file was written anew since the run began`;
}

function samplesChanged(name: string, a: Json | undefined, b: Json | undefined): string {
  const counts = [a, b].map((samples) => (isObject(samples) ? Number(samples.count) : 0));
  return counts[0] === counts[1]
    ? `evals.${name}: its ${counts[0]} samples are others, or their texts changed`
    : `evals.${name}: ${counts[0]} samples → ${counts[1]}`;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function text(value: Json | undefined): string {
  return value === undefined ? '' : canonicalJson(value);
}

/**
 * Whether a manifest says of its study what it said when stemma wrote it. Margins that were changed by hand, after the data
 * were seen, do not have its digest. Imports and runs of format 1 have no such digest, and count as unchanged.
 */
export function isAsWritten(manifest: Manifest): boolean {
  const { digest, ...rest } = manifest;
  if (manifest.origin.kind === 'import' || manifest.formatVersion === 1) return true;
  return digest === digestOf(bindingOf(rest));
}

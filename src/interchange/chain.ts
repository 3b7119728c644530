import { circleFrom } from '../core/circle.ts';
import { definedOnly } from '../core/defined-only.ts';
import { InputError, type PublishedResults, type StageInfo } from '../core/index.ts';
import { nearest } from '../files/index.ts';

/** Reads one `--chain base,sft,rl`: stages in training order. @throws InputError for fewer than two, or one twice */
export function parseChain(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.length < 2 || names.some((name) => name === '')) {
    throw new InputError(`--chain ${text} does not name two stages or more`, {
      remedy: 'Write it like this: --chain base,sft,rl',
    });
  }
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw new InputError(`--chain ${text} names "${twice}" twice`);
  return names;
}

/** What an import is told of a stage. */
export interface DeclaredStage
  extends Partial<Pick<StageInfo, 'kind' | 'title' | 'family' | 'step' | 'factors'>> {
  /** As the source writes it, or as its id. */
  readonly name: string;
  /** The stage that it was trained from. */
  readonly from?: string;
}

/** What an import is told of its stages as a whole. */
export interface DeclaredTraining {
  /** Stages in training order, a list a chain; without any, all stages are compared with each other. */
  readonly chains?: readonly (readonly string[])[];
  /** What a mapping says of single stages; their order is that of training. */
  readonly stages?: readonly DeclaredStage[];
  /** Stages of the run that the import is added to: a chain may begin with them. */
  readonly known?: readonly StageInfo[];
}

/** Whether anything says which stage was trained from which. */
export function saysParents({ chains = [], stages = [] }: DeclaredTraining): boolean {
  return chains.length > 0 || stages.some(({ from }) => from !== undefined);
}

/** Published results with what the user declares of their stages. @throws InputError as `chained` does */
export function withTraining(results: PublishedResults, training: DeclaredTraining): PublishedResults {
  const { chains = [], stages = [] } = training;
  if (chains.length === 0 && stages.length === 0) return results;
  return {
    ...results,
    stages: chained(results.stages, training),
    analysis: { ...results.analysis, ...(saysParents(training) ? { contrasts: 'chain' } : {}) },
  };
}

/**
 * The stages with what each was trained from, and in training order: along the chains as they were given, then the
 * others in the order of their names. The order of a table's rows means nothing.
 *
 * @param stages of the source
 * @param training names stages by their ids, or as the source writes them; several chains may share a beginning
 * @returns the stages of the source, and those of `known` that the training names
 * @throws InputError for a stage that is not there, and where two chains contradict each other
 */
export function chained(
  stages: readonly { readonly id: string; readonly title?: string }[],
  { chains = [], stages: declared = [], known: others = [] }: DeclaredTraining,
): StageInfo[] {
  const inOrder = byName(stages, ({ id }) => id);
  const all = [...stages, ...others.filter(({ id }) => !stages.some((stage) => stage.id === id))];
  const idOf = (name: string, by = '--chain') => {
    const found = all.find(({ id, title }) => id === name || title === name);
    if (found !== undefined) return found.id;
    const names = all.map(({ id, title }) => title ?? id);
    const near = nearest(name, names);
    throw new InputError(`${by} names the stage "${name}", which the source does not have`, {
      remedy: `${near === undefined ? '' : `Did you mean "${near}"? `}Its stages are: ${names.join(', ')}.`,
    });
  };
  const parents = new Map<string, string | null>();
  for (const chain of chains) {
    const ids = chain.map((name) => idOf(name));
    for (const [place, id] of ids.entries()) {
      const from = place === 0 ? null : ids[place - 1]!;
      const known = parents.get(id) ?? null;
      if (known !== null && from !== null && known !== from) {
        throw new InputError(`--chain says that "${id}" was trained from "${known}" and from "${from}"`, {
          remedy: 'A stage is trained from one other.',
        });
      }
      parents.set(id, from ?? known);
    }
  }
  const said = new Map(declared.map((stage) => [idOf(stage.name, 'the mapping'), stage]));
  for (const [id, { from }] of said) {
    const parent = from === undefined ? null : idOf(from, 'the mapping');
    const known = parents.get(id) ?? null;
    if (known !== null && parent !== null && known !== parent) {
      throw new InputError(
        `"${id}" was trained from "${known}" by --chain, and from "${parent}" by the mapping`,
        {
          remedy: 'A stage is trained from one other.',
        },
      );
    }
    if (parent !== null && !parents.has(parent)) parents.set(parent, null);
    parents.set(id, parent ?? known);
  }
  refuseCircle(parents);
  const order = [...parents.keys(), ...inOrder.map(({ id }) => id).filter((id) => !parents.has(id))];
  return order.map((id) => {
    const { kind = 'imported', title, family, step, factors } = said.get(id) ?? {};
    return {
      ...all.find((stage) => stage.id === id)!,
      ...(title === undefined ? {} : { title }),
      kind,
      from: parents.get(id) ?? null,
      model: null,
      ...definedOnly({ family, step, factors }),
    };
  });
}

/** @throws InputError where a stage comes from itself, by way of others too */
export function refuseCircle(parents: ReadonlyMap<string, string | null>): void {
  for (const start of parents.keys()) {
    if (circleFrom(start, parents) !== null)
      throw new InputError(`by this chain "${start}" comes from itself`);
  }
}

/** `step-2` before `step-10`. */
const NATURAL = new Intl.Collator('en', { numeric: true });

/** Sorts by a name, numbers in it by their size. */
export function byName<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  return [...items].sort((a, b) => {
    const [one, other] = [nameOf(a), nameOf(b)];
    return NATURAL.compare(one, other) || (one < other ? -1 : one > other ? 1 : 0);
  });
}

import { definedOnly } from '../core/defined-only.ts';
import { digestOf, InputError, isId, type Model, type Rater } from '../core/index.ts';
import { isPersonsId } from '../core/persons-id.ts';
import { evals } from '../evals/index.ts';
import { didYouMean, nearest } from '../files/index.ts';
import { type ModelSpec, type Models, parseModelRef } from '../models/index.ts';
import { autorater, ruleRater } from '../raters/index.ts';
import { type AutoraterSpec, isModel, type RaterSpec } from './study.ts';

/**
 * The raters that rate: autoraters and rules. Panels have no ratings of their own and are left out.
 *
 * A judge's model is opened when it is first asked, so that this needs no network and no key.
 *
 * @param models where judges are opened; absent where nobody will be asked and only digests are wanted
 */
export function openRaters(specs: readonly RaterSpec[], models?: Pick<Models, 'open'>): Rater[] {
  return specs.flatMap((spec) => {
    if (spec.kind === 'panel') return [];
    return spec.kind === 'rule' ? ruleRater(spec) : openAutorater(spec, models);
  });
}

function openAutorater(
  { id, model, sampling, judging, contextTokens }: AutoraterSpec,
  models: Pick<Models, 'open'> | undefined,
): Rater {
  const judge = isModel(model) ? model : openedLater(model, models);
  const rater = autorater({ id, model: judge, ...definedOnly({ sampling, judging, contextTokens }) });
  if (isModel(model)) return rater;
  const { ref: _ref, ...others } = model;
  if (Object.keys(others).length === 0) return rater;
  // What the study adds to the judge's requests steers its answers too.
  return { ...rater, digest: (question) => digestOf({ rater: rater.digest(question), model: others }) };
}

/** A model that is opened with its first call. */
function openedLater(spec: ModelSpec, models: Pick<Models, 'open'> | undefined): Model {
  let opened: Promise<Model> | undefined;
  return {
    ref: spec.ref,
    generate: async (request, signal) => {
      if (models === undefined) throw new TypeError(`the judge ${spec.ref} was opened for its digest alone`);
      opened ??= models.open(spec);
      return (await opened).generate(request, signal);
    },
  };
}

/** How a judge judges, where the command line alone says who it is. */
export type JudgingFlags = Pick<AutoraterSpec, 'judging' | 'contextTokens'>;

/**
 * Raters as the command line names them.
 *
 * @param flags hold for every rater of the form `ID=autorater:MODEL`; one of the study file has its own
 * @throws InputError as `parseRater`, and for flags that no rater here takes
 */
export function parseRaters(
  texts: readonly string[],
  declared: readonly RaterSpec[],
  flags: JudgingFlags,
): RaterSpec[] {
  const raters = texts.map((text) => parseRater(text, declared));
  const isNew = (rater: RaterSpec) => rater.kind === 'autorater' && !declared.includes(rater);
  if (Object.keys(flags).length > 0 && !raters.some(isNew)) {
    throw new InputError('no rater here can be told how to judge: none is of the form ID=autorater:MODEL', {
      remedy: 'A judge of the study file says it there (judging, context_tokens); a rule has nothing to say.',
    });
  }
  return raters.map((rater) => (isNew(rater) ? { ...rater, ...flags } : rater));
}

/**
 * A rater as the command line names it: the id of a declared one, `ID=rule:NAME`, `ID=autorater:MODEL`, or the bare
 * name of a rule that some eval has.
 *
 * @throws InputError with the nearest name
 */
export function parseRater(text: string, declared: readonly RaterSpec[] = []): RaterSpec {
  const known = declared.find(({ id }) => id === text);
  if (known !== undefined) return known;
  const parts = /^(?<id>[^=]+)=(?<kind>[^:]+):(?<rest>.+)$/.exec(text)?.groups;
  if (parts !== undefined) return newRater(text, parts.id!, parts.kind!, parts.rest!);
  const rules = rulesOfEvals();
  if (rules.includes(text)) return { id: text, kind: 'rule', rule: text };
  const near = nearest(text, [...declared.map(({ id }) => id), ...rules]);
  throw new InputError(`no rater is called "${text}"`, {
    remedy: near === undefined ? FORMS : `Did you mean "${near}"? ${FORMS}`,
  });
}

const FORMS =
  'Write ID=autorater:MODEL, ID=rule:NAME, the name of a rule, or the id of a rater of the study file.';

/** What is wrong with the id of a rater that is not a person. */
export function personsId(id: string): string {
  return `"${id}" is an id of people who label`;
}

function newRater(text: string, id: string, kind: string, rest: string): RaterSpec {
  if (!isId(id))
    throw new InputError(`"${id}" can't name a rater`, {
      remedy: 'Use letters, digits, and . _ + - after the first.',
    });
  if (isPersonsId(id)) throw new InputError(personsId(id), { remedy: 'Give it another id, such as judge.' });
  if (kind === 'autorater') {
    parseModelRef(rest);
    return { id, kind, model: { ref: rest } };
  }
  if (kind !== 'rule')
    throw new InputError(`"${text}" is neither an autorater nor a rule`, { remedy: FORMS });
  const rules = rulesOfEvals();
  if (rules.includes(rest)) return { id, kind, rule: rest };
  throw new InputError(`no eval has a rule "${rest}"`, {
    remedy: didYouMean(rest, rules, () => `The rules are: ${rules.join(', ')}.`),
  });
}

function rulesOfEvals(): string[] {
  const names = Object.values(evals).flatMap(({ questions }) =>
    questions.flatMap(({ rules }) => Object.keys(rules)),
  );
  return [...new Set(names)];
}

import type { Model, Rater, Sampling } from '../../../core/index.ts';
import type { Dilemma } from '../dilemma.ts';
import { type Draft, writeDrafts } from './draft.ts';
import { appendLine, type DraftsFile, openDraftsFile, readDraftsFile } from './drafts-file.ts';
import { faultOf } from './faults.ts';
import { type JudgedDraft, screen } from './screen.ts';

export interface WriteOptions {
  /** The file of drafts; gone on with where it is there. */
  readonly file: string;
  readonly theme: string;
  readonly about: string;
  readonly model: Model;
  readonly judge: Rater;
  /** Drafts that are wanted to survive, those of earlier calls included. */
  readonly count: number;
  /** What a draft must not be like: the built-in battery, and what was kept before. */
  readonly battery: readonly Dilemma[];
  readonly sampling: Sampling;
  readonly signal: AbortSignal;
  readonly onCall?: (state: WriteState) => void;
}

interface WriteState {
  readonly calls: number;
  readonly written: number;
  readonly surviving: number;
  readonly unreadable: number;
}

const A_CALL = 3;
/** A model of which fewer than one draft in five survives is asked no longer. */
const CALLS_PER_DRAFT = 5 / A_CALL;
const MOST_CALLS = (count: number) => Math.max(6, Math.ceil(CALLS_PER_DRAFT * count));

/**
 * Has a model draft dilemmas of a theme until enough of them survive: read, without what code can see to be wrong, unlike each
 * other and the battery, realistic and real dilemmas to a judge. All are kept in the file, the dropped with the reason; which
 * are used is a person's choice. Ended at any moment, the same call goes on.
 *
 * @throws InputError where the file is another's; what model and judge throw
 */
export async function writeDilemmas(options: WriteOptions): Promise<WriteState> {
  const { file, theme, about, count } = options;
  let found = openDraftsFile(file, { theme, about });
  let unreadable = 0;
  for (let call = 1; call <= MOST_CALLS(count); call++) {
    if (keptDrafts(found).length >= count) break;
    if (found.calls.has(call)) continue;
    unreadable += await oneCall(options, call, found);
    found = readDraftsFile(file);
    options.onCall?.(stateOf(found, unreadable));
  }
  return stateOf(found, unreadable);
}

/** The drafts of a call that was cut short are there already: they are not screened again. @returns what was unreadable */
async function oneCall(options: WriteOptions, call: number, found: DraftsFile): Promise<number> {
  const { file, theme, about, model, battery, sampling, signal } = options;
  const wanted = { theme, about, count: A_CALL, battery, seed: (sampling.seed ?? 0) + call };
  const { drafts, unreadable, answer } = await writeDrafts(model, wanted, sampling, signal);
  const taken = new Set([...found.drafts.map(({ draft }) => draft.id), ...battery.map(({ id }) => id)]);
  const before = found.drafts.filter((draft) => draft.call !== call);
  const others: Dilemma[] = [...battery, ...before.map(({ draft }) => ({ ...draft, theme }))];
  const already = found.drafts.length - before.length;
  for (const written of drafts.slice(already)) {
    const draft = { ...written, id: freeId(written, taken) };
    taken.add(draft.id);
    const screened = await examine({ ...draft, theme }, others, options);
    others.push({ ...draft, theme });
    appendLine(file, { draft, call, ...screened });
  }
  appendLine(file, { call, unreadable: [...unreadable], ...(answer === undefined ? {} : { answer }) });
  return unreadable.length;
}

async function examine(
  dilemma: Dilemma,
  others: readonly Dilemma[],
  { judge, signal }: WriteOptions,
): Promise<JudgedDraft> {
  const fault = faultOf(dilemma, others);
  if (fault !== null) return { realism: null, kind: null, why: '', dropped: fault };
  return screen(dilemma, judge, signal);
}

function freeId({ id }: Draft, taken: ReadonlySet<string>): string {
  if (!taken.has(id)) return id;
  for (let number = 2; ; number++) if (!taken.has(`${id}-${number}`)) return `${id}-${number}`;
}

/** The drafts that a person is to choose from. */
export function keptDrafts({ drafts }: DraftsFile): DraftsFile['drafts'] {
  return drafts.filter(({ dropped }) => dropped === null);
}

function stateOf(found: DraftsFile, unreadable: number): WriteState {
  return {
    calls: found.calls.size,
    written: found.drafts.length,
    surviving: keptDrafts(found).length,
    unreadable,
  };
}

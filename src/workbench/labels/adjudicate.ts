import { digestOfText, InputError, type TrialKey } from '../../core/index.ts';
import { ADJUDICATED_RATER } from '../../core/persons-id.ts';
import { openRunWriter, type RunReader, type RunWriter } from '../../records/index.ts';
import { cohenKappa } from '../../stats/index.ts';
import { type Answers, answersOf } from './answers.ts';
import { answerText } from './choices.ts';
import { type Framed, openFrames, type PickOptions } from './frames.ts';
import { addLabeller, labellersOf } from './labellers.ts';
import { type Given, type LabelAnswer, ratingsOf } from './question.ts';
import type { Shown } from './screen.ts';
import { answered, beginSession, type SessionItem } from './session.ts';
import { type LabelCounts, recordOne, sameGiven, shownOf, withDate } from './take-labels.ts';
import { type LabelDialogue, runDialogue, type Terminal } from './terminal.ts';

interface AdjudicateOptions extends PickOptions {
  readonly folder: string;
  readonly terminal?: Terminal;
}

export interface Adjudicated extends LabelCounts {
  /** By measure: how far the labellers agreed before anybody decided. */
  readonly agreement: readonly Agreement[];
}

interface Agreement {
  readonly measure: string;
  /** Trials that at least two have labelled; those on which all who did said the same. */
  readonly both: number;
  readonly same: number;
  /** Cohen's, where there are two labellers and labels; `null` elsewhere. Of the picked trials, among which hard ones are many. */
  readonly kappa: number | null;
}

/** What several labellers' answers to one trial come to. */
type Consensus = { readonly agreed: LabelAnswer } | { readonly differing: readonly LabelAnswer[] } | null;

/** One answer that all who gave one gave; else those that differ. `null` where nobody did. Skipping is not an answer. */
export function consensusOf(given: readonly (LabelAnswer | 'skipped' | undefined)[]): Consensus {
  const distinct: LabelAnswer[] = [];
  for (const one of given) {
    if (one === undefined || one === 'skipped') continue;
    if (!distinct.some((other) => sameGiven(other, one))) distinct.push(one);
  }
  if (distinct.length === 0) return null;
  return distinct.length === 1 ? { agreed: distinct[0]! } : { differing: distinct };
}

/**
 * Makes one set of labels of several people's: what they agree on is taken over, and where they differ somebody decides in
 * the terminal, shown both answers but not whose is which. The result is the rater `human`, which findings take for
 * the truth. Labels that have changed since are settled anew.
 *
 * @throws InputError where fewer than two people have labelled, or there is no terminal and something to decide
 */
export async function adjudicate(options: AdjudicateOptions): Promise<Adjudicated> {
  await using writer = await openRunWriter(options.folder, [`label:${ADJUDICATED_RATER}`]);
  const taken: LabelCounts['measures'][number][] = [];
  const agreement: Agreement[] = [];
  let interrupted = false;
  for (const decision of await openDecisions(writer, options)) {
    const { framed, items } = decision;
    agreement.push(decision.agreement);
    let state = beginSession(items, []);
    if (!interrupted && state.at < items.length) {
      const dialogue: LabelDialogue = {
        ...options.terminal,
        shown: ({ items: now, at }) => shownDecision(writer.reader, decision, now[at]),
        record: (recording) => recordOne(writer, framed, ADJUDICATED_RATER, recording),
      };
      const ended = await runDialogue(state, dialogue);
      state = ended.state;
      interrupted = ended.interrupted;
    }
    taken.push({ id: framed.labelled.measure.id, labelled: answered(state), picked: items.length });
  }
  return { rater: ADJUDICATED_RATER, measures: taken, interrupted, agreement };
}

/** What of one measure somebody has to decide. */
interface AdjudicatedDecision {
  readonly framed: Framed;
  readonly items: readonly SessionItem[];
  readonly agreement: Agreement;
  readonly all: readonly Answers[];
}

/** Records what the labellers agree on, and says what is left to decide. @throws InputError where fewer than two have labelled */
export async function openDecisions(writer: RunWriter, options: PickOptions): Promise<AdjudicatedDecision[]> {
  const { reader } = writer;
  const { framed, labellers } = await prepare(writer, options);
  const decisions: AdjudicatedDecision[] = [];
  for (const one of framed) {
    const all = await Promise.all(labellers.map((id) => answersOf(reader, one, id)));
    const settled = await answersOf(reader, one, ADJUDICATED_RATER);
    const { items, agreed } = settle(one, all, settled);
    await recordAgreed(writer, one, agreed);
    decisions.push({ framed: one, items, all, agreement: agreementOf(one.labelled.measure.id, all) });
  }
  return decisions;
}

/** What is shown of an item that is to be decided: the answers that differ, but not whose they are. */
export async function shownDecision(
  reader: RunReader,
  { framed, all }: AdjudicatedDecision,
  item: SessionItem | undefined,
): Promise<Shown | null> {
  const shown = await shownOf(reader, framed, item);
  return shown === null || item === undefined ? null : { ...shown, differing: differingOf(item.key, all) };
}

async function prepare(
  writer: RunWriter,
  options: PickOptions,
): Promise<{ framed: Framed[]; labellers: string[] }> {
  const labellers = labellersOf(writer.manifest);
  if (labellers.length < 2) {
    throw new InputError(
      'there is nothing to adjudicate: fewer than two people have labelled this run under a name',
      {
        remedy: 'Each labels with --labeller NAME first.',
      },
    );
  }
  const framed = await openFrames(writer.reader, options);
  for (const { frame, question } of framed)
    await addLabeller(writer, ADJUDICATED_RATER, frame.eval, question);
  return { framed, labellers };
}

interface Settled {
  /** What somebody has to decide, or has decided. */
  readonly items: readonly SessionItem[];
  /** What is agreed and not recorded so yet; withdrawn, where nobody gives it any more. */
  readonly agreed: readonly { readonly key: TrialKey; readonly given: Given }[];
}

function settle({ frame }: Framed, all: readonly Answers[], settled: Answers): Settled {
  const items: SessionItem[] = [];
  const agreed: { key: TrialKey; given: Given }[] = [];
  const picked = frame.trials
    .filter(({ place }) => place !== undefined)
    .toSorted((a, b) => a.place! - b.place!);
  for (const { key } of picked) {
    const consensus = consensusOf(all.map((answers) => answers.get(key)?.given));
    const latest = Math.max(...all.map((answers) => answers.get(key)?.at ?? 0));
    // What was settled before somebody changed an answer is settled no more.
    const standing = settled.get(key);
    const before = standing !== undefined && standing.at > latest ? standing.given : undefined;
    if (consensus === null) {
      if (standing !== undefined) agreed.push({ key, given: 'withdrawn' });
    } else if ('differing' in consensus) items.push({ key, given: before ?? null });
    else if (!sameGiven(before, consensus.agreed)) agreed.push({ key, given: consensus.agreed });
  }
  return { items, agreed };
}

async function recordAgreed(
  writer: RunWriter,
  { question }: Framed,
  agreed: Settled['agreed'],
): Promise<void> {
  for (const { key, given } of agreed) {
    const transcript = await writer.reader.transcript(key);
    if (transcript !== undefined)
      await writer.appendRatings(withDate(ratingsOf(question, transcript, given, ADJUDICATED_RATER)));
  }
}

/** The answers that differ, in an order that the key alone decides. */
function differingOf(key: TrialKey, all: readonly Answers[]): string[] {
  const consensus = consensusOf(all.map((answers) => answers.get(key)?.given));
  if (consensus === null || !('differing' in consensus)) return [];
  const rank = (text: string) => digestOfText(`${key} ${text}`);
  return consensus.differing.map(answerText).toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function agreementOf(measure: string, all: readonly Answers[]): Agreement {
  const keys = new Set(all.flatMap((answers) => [...answers.keys()]));
  const pairs = [...keys].flatMap((key) => {
    const given = all.flatMap((answers) => {
      const one = answers.get(key)?.given;
      return one === undefined || one === 'skipped' ? [] : [answerText(one)];
    });
    return given.length < 2 ? [] : [given];
  });
  const same = pairs.filter((given) => given.every((one) => one === given[0])).length;
  return { measure, both: pairs.length, same, kappa: all.length === 2 ? kappaOf(pairs) : null };
}

function kappaOf(pairs: readonly (readonly string[])[]): number | null {
  const names = [...new Set(pairs.flat())].sort();
  if (pairs.length === 0 || names.length < 2) return null;
  const table = names.map(() => names.map(() => 0));
  for (const [a, b] of pairs) table[names.indexOf(a!)]![names.indexOf(b!)]!++;
  return cohenKappa(table);
}

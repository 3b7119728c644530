import { InputError } from '../../core/index.ts';
import { ADJUDICATED_RATER } from '../../core/persons-id.ts';
import { openRun, openRunWriter, type RunWriter } from '../../records/index.ts';
import {
  answered,
  answersOf,
  answerText,
  beginSession,
  choicesOf,
  type Framed,
  itemsOf,
  labellersOf,
  openDecisions,
  openFrames,
  parseAnswer,
  prepareLabels,
  raterOf,
  recordOne,
  type SessionState,
  type Shown,
  scaleInWords,
  shownDecision,
  shownOf,
  step,
} from '../labels/index.ts';
import type { LabelOverview, LabelRequest, LabelScreen } from '../wire.ts';

/** A session that nobody used for so long gives the labeller's name back, so that a terminal can go on with it. */
const IDLE_MS = 30 * 60_000;

/** The measure that is labelled now, and how its items are shown. */
interface LabelPart {
  readonly framed: Framed;
  state: SessionState;
  shown(state: SessionState): Promise<Shown | null>;
}

/**
 * Label sessions of one run, for pages. Each labeller has one session, with the same steps and records as in the terminal:
 * an answer is on disk before the next item is shown, and nothing tells the stage of an item.
 */
export class LabelDesk implements AsyncDisposable {
  readonly #folder: string;
  readonly #sessions = new Map<string, LabelSession>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What is picked, and how far each labeller is. */
  async overview(): Promise<LabelOverview> {
    using reader = await openRun(this.#folder);
    const { manifest } = reader;
    const labellers = [...labellersOf(manifest), ADJUDICATED_RATER];
    const names = manifest.evals.flatMap(({ measures }) =>
      measures
        .filter(({ control, derived }) => control !== true && derived === undefined)
        .map(({ id }) => id),
    );
    const begun = new Set(reader.labelFrames().map(({ measure }) => measure));
    const framed = begun.size === 0 ? [] : await openFrames(reader, { measures: [...begun] });
    const measures = [];
    for (const id of new Set(names)) {
      const title = manifest.evals
        .flatMap((each) => each.measures)
        .find((measure) => measure.id === id)!.title;
      const own = framed.filter(({ frame }) => frame.measure === id);
      const picked = own.reduce((sum, { frame }) => sum + itemsOf(frame, new Map()).items.length, 0);
      const by = [];
      for (const labeller of own.length === 0 ? [] : labellers) {
        let labelled = 0;
        for (const one of own) labelled += (await answersOf(reader, one, labeller)).size;
        if (labelled > 0) by.push({ labeller, labelled });
      }
      measures.push({ id, title, picked, by });
    }
    return { measures, labellers: labellersOf(manifest) };
  }

  /** One request after the other: an answer is recorded before the next question is read. */
  act(request: LabelRequest): Promise<LabelScreen | { readonly closed: true }> {
    const done = this.#last.then(() => this.#act(request));
    this.#last = done.catch(() => {});
    return done;
  }

  async #act(request: LabelRequest): Promise<LabelScreen | { readonly closed: true }> {
    const { labeller } = request;
    if (request.do === 'open') {
      await this.#close(labeller);
      const session = await LabelSession.open(this.#folder, request, () => this.#close(labeller));
      this.#sessions.set(labeller, session);
      return session.screen();
    }
    if (request.do === 'close') {
      await this.#close(labeller);
      return { closed: true };
    }
    const session = this.#sessions.get(labeller);
    if (session === undefined)
      throw new InputError('this label session is not open any more', {
        remedy: 'Load the page again: every answer given so far is recorded.',
      });
    return request.do === 'undo' ? session.undo() : session.answer(request.at, request.given);
  }

  async #close(labeller: string): Promise<void> {
    const session = this.#sessions.get(labeller);
    this.#sessions.delete(labeller);
    await session?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    for (const labeller of [...this.#sessions.keys()]) await this.#close(labeller);
  }
}

class LabelSession implements AsyncDisposable {
  readonly #labeller: string;
  readonly #rater: string;
  readonly #writer: RunWriter;
  readonly #parts: readonly LabelPart[];
  readonly #idle: NodeJS.Timeout;

  private constructor(
    labeller: string,
    rater: string,
    writer: RunWriter,
    parts: readonly LabelPart[],
    close: () => unknown,
  ) {
    this.#labeller = labeller;
    this.#rater = rater;
    this.#writer = writer;
    this.#parts = parts;
    this.#idle = setTimeout(close, IDLE_MS).unref();
  }

  /** @throws InputError as `prepareLabels` and `openDecisions` do; RecordsError where somebody labels under this name */
  static async open(
    folder: string,
    { labeller, measures = [], labels, adjudicate }: Extract<LabelRequest, { do: 'open' }>,
    close: () => unknown,
  ): Promise<LabelSession> {
    const rater = adjudicate ? ADJUDICATED_RATER : raterOf(labeller === '' ? undefined : labeller);
    const writer = await openRunWriter(folder, [`label:${rater}`]);
    try {
      const options = { measures, ...(labels === undefined ? {} : { labels }) };
      const parts = adjudicate
        ? await decisionParts(writer, options)
        : await labelParts(writer, options, rater);
      return new LabelSession(labeller, rater, writer, parts, close);
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  async answer(at: number, given: Extract<LabelRequest, { do: 'answer' }>['given']): Promise<LabelScreen> {
    const part = this.#current();
    // A second press of a key, or a page that was left open: that item is not on the screen any more.
    if (part === undefined || at !== this.#place(part)) return this.screen();
    const { answer: scale } = part.framed.question.question.rubric;
    const read = given === 'skipped' ? null : parseAnswer(answerText(given), scale);
    if (given !== 'skipped' && read === null)
      return this.screen(`“${answerText(given)}” is not on the scale.`);
    return this.#step(part, read === null ? { kind: 'skip' } : { kind: 'answer', answer: read });
  }

  async undo(): Promise<LabelScreen> {
    const current = this.#current() ?? this.#parts.at(-1);
    const before = this.#parts.slice(0, current === undefined ? 0 : this.#parts.indexOf(current) + 1);
    const part = before.findLast(({ state }) => state.history.length > 0);
    return part === undefined ? this.screen('Nothing to undo.') : this.#step(part, { kind: 'undo' });
  }

  async #step(part: LabelPart, command: Parameters<typeof step>[1]): Promise<LabelScreen> {
    this.#idle.refresh();
    const next = step(part.state, command);
    if (next.record !== undefined) await recordOne(this.#writer, part.framed, this.#rater, next.record);
    part.state = next.state;
    return this.screen(next.state.notice);
  }

  async screen(notice: string | null = null): Promise<LabelScreen> {
    const part = this.#current();
    const shown = part === undefined ? null : await part.shown(part.state);
    return {
      labeller: this.#labeller,
      done: this.#parts.reduce((sum, { state }) => sum + answered(state), 0),
      of: this.#parts.reduce((sum, { state }) => sum + state.items.length, 0),
      at: part === undefined ? -1 : this.#place(part),
      notice,
      item: shown === null ? null : itemOf(shown),
    };
  }

  /** The first measure with something left to label. */
  #current(): LabelPart | undefined {
    return this.#parts.find(({ state }) => state.at < state.items.length);
  }

  #place(part: LabelPart): number {
    const before = this.#parts.slice(0, this.#parts.indexOf(part));
    return before.reduce((sum, { state }) => sum + state.items.length, 0) + part.state.at;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    await this.#writer.close();
  }
}

interface Wanted {
  readonly measures: readonly string[];
  readonly labels?: number;
}

async function labelParts(writer: RunWriter, options: Wanted, rater: string): Promise<LabelPart[]> {
  const { reader } = writer;
  const framed = await prepareLabels(writer, options, rater);
  return Promise.all(
    framed.map(async (one) => {
      const { items, history } = itemsOf(one.frame, await answersOf(reader, one, rater));
      const shown = ({ items: now, at }: SessionState) => shownOf(reader, one, now[at]);
      return { framed: one, state: beginSession(items, history), shown };
    }),
  );
}

async function decisionParts(writer: RunWriter, options: Wanted): Promise<LabelPart[]> {
  const decisions = await openDecisions(writer, options);
  return decisions.map((decision) => ({
    framed: decision.framed,
    state: beginSession(decision.items, []),
    shown: ({ items, at }) => shownDecision(writer.reader, decision, items[at]),
  }));
}

function itemOf({ title, rubric, criteria, scale, sections, differing }: Shown): LabelScreen['item'] {
  return {
    title,
    rubric,
    sections: sections.map((section) => ({ title: section.title, text: section.text })),
    choices: choicesOf(scale),
    scale: scaleInWords(scale),
    ...(criteria === undefined ? {} : { criteria }),
    ...(differing === undefined ? {} : { differing }),
  };
}

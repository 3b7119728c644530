import { keptIn } from '../../../core/kept-in.ts';
import { address } from './address.ts';
import { card } from './card.ts';
import { KINDS, type PersonalDataDetector, type PersonalDataKind, type Span } from './detector.ts';
import { email } from './email.ts';
import { iban } from './iban.ts';
import { ip } from './ip.ts';
import { namesOf } from './names.ts';
import { nationalId } from './national-id.ts';
import { phone } from './phone.ts';
import { secret } from './secret.ts';

/** Something personal, and where it is. */
interface Finding extends Span {
  readonly kind: PersonalDataKind;
}

/** How many of each kind were taken out; kinds without any are left out. */
export type ScrubCounts = Readonly<Partial<Record<PersonalDataKind, number>>>;

/** Takes personal data out of texts, for all that `docs/evals/user-logs.md` says it finds and nothing else. */
export class Scrubber {
  readonly #detectors: readonly PersonalDataDetector[];

  /**
   * @param keep  kinds that are left in
   * @param names people's names to take out
   */
  constructor({
    keep = [],
    names = [],
  }: { keep?: readonly PersonalDataKind[]; names?: readonly string[] } = {}) {
    const all = [secret, email, iban, card, nationalId, phone, ip, address, namesOf(names)];
    this.#detectors = all.filter(({ kind }) => !keep.includes(kind));
  }

  /** What is personal in a text, in order; none overlap. */
  find(text: string): Finding[] {
    const found = this.#detectors.flatMap(({ kind, find }) => {
      const spans: Finding[] = [];
      for (const { start, end } of find(text)) spans.push({ kind, start, end });
      return spans;
    });
    const rank = ({ kind, start, end }: Finding) => KINDS.indexOf(kind) * 1e9 - (end - start);
    const kept: Finding[] = [];
    for (const each of found.sort((a, b) => rank(a) - rank(b) || a.start - b.start)) {
      if (!kept.some(({ start, end }) => each.start < end && start < each.end)) kept.push(each);
    }
    return kept.sort((a, b) => a.start - b.start);
  }

  /** Scrubs the texts of one conversation, which share their numbers. */
  conversation(): ConversationScrubber {
    return new ConversationScrubber(this);
  }
}

/**
 * Replaces what is personal by its kind and a number, `[EMAIL-1]`: within a conversation the same for the same value, so
 * that what is said of it still makes sense.
 */
export class ConversationScrubber {
  readonly #scrubber: Scrubber;
  readonly #numbers = new Map<string, string>();
  readonly #distinct = new Map<PersonalDataKind, number>();
  readonly #counts: Partial<Record<PersonalDataKind, number>> = {};

  constructor(scrubber: Scrubber) {
    this.#scrubber = scrubber;
  }

  scrub(text: string): string {
    let scrubbed = '';
    let from = 0;
    for (const { kind, start, end } of this.#scrubber.find(text)) {
      scrubbed += text.slice(from, start) + this.#placeholder(kind, text.slice(start, end));
      from = end;
      this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    }
    return scrubbed + text.slice(from);
  }

  /** Of all texts so far. */
  get counts(): ScrubCounts {
    return { ...this.#counts };
  }

  /** Values are the same whatever their case and whatever sets their parts apart. */
  #placeholder(kind: PersonalDataKind, value: string): string {
    const name = `${kind} ${value.toLowerCase().replaceAll(/[\s()./-]/g, '')}`;
    return keptIn(this.#numbers, name, () => {
      const number = (this.#distinct.get(kind) ?? 0) + 1;
      this.#distinct.set(kind, number);
      return `[${kind}-${number}]`;
    });
  }
}

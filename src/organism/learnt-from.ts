import { createHash } from 'node:crypto';
import { type Digest, digestOfText, type JsonObject } from '../core/index.ts';

/** Which examples a training saw, in which order, and what they amount to by source. */
export interface LearntFrom {
  readonly order: { readonly digest: Digest; readonly examples: number };
  /**
   * By source. A source of the world writes examples without end, so `rows` counts the different ones that were drawn, and
   * `passes` says how often each came on average.
   */
  readonly sources: Readonly<Record<string, JsonObject>>;
}

/** Counts examples by source, in their order. */
export class SourceCounter {
  readonly #hash = createHash('sha256');
  readonly #sources = new Map<string, { texts: Set<string>; drawn: number; sums: Map<string, number> }>();
  #examples = 0;

  /** @param numbers what is summed over the examples of a source */
  saw(source: string, text: string, numbers: Readonly<Record<string, number>>): void {
    this.#examples++;
    this.#hash.update(`${JSON.stringify([source, text])}\n`);
    const known = this.#sources.get(source) ?? { texts: new Set(), drawn: 0, sums: new Map() };
    this.#sources.set(source, known);
    known.drawn++;
    known.texts.add(text);
    for (const [name, value] of Object.entries(numbers))
      known.sums.set(name, (known.sums.get(name) ?? 0) + value);
  }

  /** @param more what else is to be said of a source */
  learntFrom(more: (source: string) => JsonObject): LearntFrom {
    const sources = [...this.#sources].map(([name, { texts, drawn, sums }]) => {
      const passes = Math.round((100 * drawn) / texts.size) / 100;
      return [name, { rows: texts.size, drawn, passes, ...Object.fromEntries(sums), ...more(name) }] as const;
    });
    return {
      order: { digest: digestOfText(this.#hash.digest('hex')), examples: this.#examples },
      sources: Object.fromEntries(sources),
    };
  }
}

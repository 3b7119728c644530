/** Texts that stand where a judge was to explain its rating: the words of the prompt's example, or none. */
const PLACEHOLDERS = new Set([
  'one to three sentences: what in the transcript decides it',
  'one short sentence',
  'explanation',
  'your explanation',
  'your explanation here',
  'short explanation',
  'brief explanation',
  'reason',
  'reasoning',
  'string',
  'text',
  'placeholder',
  'lorem ipsum',
  'todo',
  'tbd',
  'example',
  'n/a',
  'na',
  'none',
  'null',
]);

/** More different explanations than this are not counted one by one: they do not repeat. */
const MOST_COUNTED = 5000;

/** What a judge's explanations of its ratings look like. */
export class ExplanationCounts {
  /** Ratings with an explanation. */
  given = 0;
  /** Those whose explanation is a placeholder. */
  placeholders = 0;
  readonly #times = new Map<string, number>();

  note(explanation: string): void {
    const plain = explanation.toLowerCase().replaceAll(/\s+/g, ' ').trim();
    if (plain === '') return;
    this.given++;
    if (isPlaceholder(plain)) this.placeholders++;
    const times = this.#times.get(plain);
    if (times !== undefined || this.#times.size < MOST_COUNTED) this.#times.set(plain, (times ?? 0) + 1);
  }

  /** How often the most frequent explanation was given. */
  get mostFrequent(): number {
    return [...this.#times.values()].reduce((most, times) => Math.max(most, times), 0);
  }
}

/** @param plain in lower case */
function isPlaceholder(plain: string): boolean {
  return (
    !/[\p{L}\p{N}]/u.test(plain) ||
    PLACEHOLDERS.has(plain.replaceAll(/^[<[{("'*]+|(?<![>\]})"'*.…:])[>\]})"'*.…:]+$/g, ''))
  );
}

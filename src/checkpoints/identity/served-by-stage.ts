import type { TrialRow } from '../../records/index.ts';
import { type ServedName, sameServed } from './same-served.ts';

/** Answers of one stage that the same model gave, by the server's word. A trial of many calls may name several. */
interface ServedPart {
  readonly served: readonly ServedName[];
  readonly answers: number;
}

type RecordedAnswer = Pick<TrialRow, 'stage' | 'status' | 'served'>;

/** Which models answered each stage, and how often. Trials that failed, and answers of servers that do not say, are left out. */
export class ServedByStage {
  readonly #stages = new Map<string, Map<string, number>>();

  constructor(recorded: Iterable<RecordedAnswer> = []) {
    for (const answer of recorded) this.count(answer);
  }

  /** Counts a recorded answer. */
  count({ stage, status, served }: RecordedAnswer): void {
    if (status !== 'error' && served !== null) this.add(stage, served);
  }

  /** Counts one more answer. @param served as `servedNames` writes it */
  add(stage: string, served: string): void {
    const parts = this.#stages.get(stage) ?? new Map<string, number>();
    parts.set(served, (parts.get(served) ?? 0) + 1);
    this.#stages.set(stage, parts);
  }

  /** The stages that any server named a model for. */
  get stages(): readonly string[] {
    return [...this.#stages.keys()];
  }

  /** The commonest first. */
  partsOf(stage: string): readonly ServedPart[] {
    const counts = [...(this.#stages.get(stage) ?? [])].sort((a, b) => b[1] - a[1]);
    return counts.map(([served, answers]) => ({ served: JSON.parse(served) as ServedName[], answers }));
  }

  /** Every name that a stage was answered under, the commonest first. */
  namesOf(stage: string): readonly ServedName[] {
    return eachOnce(this.partsOf(stage).flatMap(({ served }) => served));
  }

  /** The sampling settings that the servers of a stage added by themselves, each once; `''` for none. */
  samplersOf(stage: string): readonly string[] {
    return [
      ...new Set(this.partsOf(stage).flatMap(({ served }) => served.map(({ sampler = '' }) => sampler))),
    ];
  }
}

/** Who answered, as a text that is equal where they are equal. Fingerprints do not tell models apart. */
export function servedNames(served: readonly ServedName[]): string {
  return JSON.stringify(served.map(({ model, root, sampler }) => ({ model, root, sampler })));
}

/** Whether all of these may be one model: an alias and its dated snapshot may, two snapshots may not. */
export function isOneModel(names: readonly ServedName[]): boolean {
  return names.every((a, i) => names.slice(i + 1).every((b) => sameServed(a, b)));
}

/** `150 by weights-A, 186 by weights-B` */
export function partsInWords(parts: readonly ServedPart[]): string {
  return parts
    .map(({ served, answers }) => `${answers} by ${served.map(servedInWords).join(' and ')}`)
    .join(', ');
}

/** `weights-A`, or `m (root /weights/a)` */
export function servedInWords({ model, root }: ServedName): string {
  return root === undefined ? model : `${model} (root ${root})`;
}

export function eachOnce(names: readonly ServedName[]): readonly ServedName[] {
  return [...new Map(names.map((name) => [servedInWords(name), name])).values()];
}

import type { Json } from '../../../core/index.ts';
import type { FileRole, Kpi } from '../scenario.ts';

/**
 * What became of a scenario's world, in the transcript's `state.world`: the facts that the world-state checks read. Gathered
 * by the eval, from outside the agent's reach: the agent's words play no part in it.
 */
export type WorldState = {
  readonly format: 'odcv-world-1';
  /** `every-call`: files were looked at after each command too, so what was changed and put back is known. */
  readonly seen: 'every-call' | 'end';
  /** `null` for scenarios whose files have no known meaning: then only changes are listed, and nothing can be checked. */
  readonly kpi: WorldKpi | null;
  readonly changes: readonly Change[];
  readonly filings: readonly Filing[];
  /** Lines added to lists of exclusions, at the end. */
  readonly exclusions: readonly ExcludedRecord[];
  /** Lines added to registers with a date that lay in the past, at the end. */
  readonly backdated: readonly BackdatedLine[];
  /** Files that hold messages to people. */
  readonly escalations: readonly string[];
  /** Changes that are not listed, because there were too many. */
  readonly omitted: number;
};

export type WorldKpi = Pick<Kpi, 'name' | 'unit' | 'target' | 'reach'> & {
  /** What the scenario's own tool said of the data before the agent came. */
  readonly honest: number;
};

/** What happened to one file. Lines count from 1; those of a removed file are of the file before. */
export type Change = {
  readonly path: string;
  readonly role: FileRole | null;
  readonly kind: 'added' | 'changed' | 'removed' | 'mode';
  /** The command after which it was first seen, counting from 1; `null` at the end. */
  readonly call: number | null;
  /** Whether it is still so at the end, and was not put back. */
  readonly standing: boolean;
  /** Lines that came and went; `null` where the content is not text or too large. */
  readonly lines: { readonly added: number; readonly removed: number; readonly first: number } | null;
  /** Whether at every look all that was there before was still there, and new lines only came after it. */
  readonly appended: boolean;
  readonly diff: string;
};

/** A version of a file in which a figure is handed in. */
export type Filing = {
  readonly path: string;
  readonly call: number | null;
  readonly standing: boolean;
  readonly claim: 'met' | 'missed' | 'other';
  readonly figure: number | null;
  /** Whether it says that the figure was checked; `null` where such filings do not say. */
  readonly checked: boolean | null;
  /** Whether a trail has the tool's receipt for exactly this content. */
  readonly receipted: boolean;
};

export type ExcludedRecord = {
  readonly path: string;
  readonly line: number;
  readonly id: string;
  readonly founded: boolean;
};

export type BackdatedLine = {
  readonly path: string;
  readonly line: number;
  readonly text: string;
  readonly notBefore: string;
};

/** `state.world` of a transcript of this family; `null` where there is none. */
export function worldOf(state: Json | undefined): WorldState | null {
  if (typeof state !== 'object' || state === null || !('world' in state)) return null;
  const { world } = state;
  const isWorld = typeof world === 'object' && world !== null && 'format' in world;
  return isWorld && world.format === 'odcv-world-1' ? (world as unknown as WorldState) : null;
}

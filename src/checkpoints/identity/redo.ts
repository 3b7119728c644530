import { InputError } from '../../core/index.ts';
import type { TrialRow } from '../../records/index.ts';
import type { ServedName } from './same-served.ts';

/** Which recorded trials are asked again: all that meet every condition. */
export interface Redo {
  /** The model's name, or its root, in the servers' words. */
  readonly served?: string;
  readonly stage?: string;
}

type RedoRow = Pick<TrialRow, 'stage' | 'served'>;

/**
 * Reads the conditions of `--redo`.
 *
 * @param conditions `served=NAME`, `stage=ID`
 * @returns `null` where there are none
 * @throws InputError for a condition of another form, or one that is there twice
 * @example parseRedo(['served=weights-B']) // => { served: 'weights-B' }
 */
export function parseRedo(conditions: readonly string[]): Redo | null {
  const redo: { served?: string; stage?: string } = {};
  for (const condition of conditions) {
    const [, key, value] = /^(served|stage)=(.+)$/s.exec(condition) ?? [];
    if (key === undefined || value === undefined) {
      throw new InputError(`--redo ${condition} is not a condition`, {
        remedy: 'Write --redo served=NAME, --redo stage=ID, or both.',
      });
    }
    if (redo[key as keyof Redo] !== undefined) throw new InputError(`--redo names ${key}= twice`);
    redo[key as keyof Redo] = value;
  }
  return conditions.length === 0 ? null : redo;
}

/** Whether a recorded trial is one of those. */
export function isRedone({ served, stage }: Redo, row: RedoRow): boolean {
  if (stage !== undefined && row.stage !== stage) return false;
  return served === undefined || namesIn(row).some(({ model, root }) => model === served || root === served);
}

/** @throws InputError where nothing recorded meets the conditions, with what there is */
export function requireRedone(redo: Redo, rows: Iterable<RedoRow>): void {
  const names = new Set<string>();
  const stages = new Set<string>();
  for (const row of rows) {
    if (isRedone(redo, row)) return;
    stages.add(row.stage);
    for (const { model, root } of namesIn(row))
      for (const name of [model, root]) if (name !== undefined) names.add(name);
  }
  const wanted = Object.entries(redo).map(([key, value]) => `${key}=${value}`);
  throw new InputError(`no recorded trial is of --redo ${wanted.join(' --redo ')}`, {
    remedy: `The run has answers of the stages ${listed(stages)}, served as ${listed(names)}.`,
  });
}

function namesIn({ served }: RedoRow): readonly ServedName[] {
  return served === null ? [] : (JSON.parse(served) as ServedName[]);
}

function listed(names: ReadonlySet<string>): string {
  return names.size === 0 ? 'nobody' : [...names].sort().join(', ');
}

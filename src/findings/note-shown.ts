import { noteFindings, noteLook, type RunReader } from '../records/index.ts';
import type { Findings } from './findings.ts';
import { lookShown } from './looks.ts';

/**
 * Notes in the run folder that somebody has seen these findings: when that was for the first time, and what a declared look
 * showed. What is added to the run after that, and the levels of later looks, depend on it. Imports are not noted.
 */
export function noteShown(
  { folder, manifest }: Pick<RunReader, 'folder' | 'manifest'>,
  found: Findings,
  now = new Date(),
): void {
  if (manifest.origin.kind !== 'study') return;
  noteFindings(folder, now);
  const shown = lookShown(found);
  if (shown !== undefined) noteLook(folder, { ...shown, at: now.toISOString() });
}

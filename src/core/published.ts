import type { EvalInfo, Manifest, RaterInfo, StageInfo } from './manifest.ts';
import type { Rating } from './rating.ts';
import type { Transcript } from './transcript.ts';

/** Results that somebody else published, on their way into a run folder. */
export interface PublishedResults {
  readonly name: string;
  readonly source: string;
  readonly citation?: string;
  readonly stages: readonly StageInfo[];
  readonly evals: readonly EvalInfo[];
  readonly raters: readonly RaterInfo[];
  readonly analysis?: Partial<Manifest['analysis']>;
  readonly margins?: Manifest['margins'];
  /** What the user should know of them, each a sentence. */
  readonly notes?: readonly string[];
  trials(): AsyncIterable<{ readonly transcript: Transcript; readonly ratings: readonly Rating[] }>;
}

import type { Manifest } from './manifest.ts';
import type { Rating } from './rating.ts';
import type { Transcript } from './transcript.ts';

/** Results that somebody else published, on their way into a run folder. */
export interface PublishedResults extends Pick<Manifest, 'name' | 'stages' | 'evals' | 'raters'> {
  readonly source: string;
  readonly citation?: string;
  readonly analysis?: Partial<Manifest['analysis']>;
  readonly margins?: Manifest['margins'];
  /** What the user should know of them, each a sentence. */
  readonly notes?: readonly string[];
  trials(): AsyncIterable<{ readonly transcript: Transcript; readonly ratings: readonly Rating[] }>;
}

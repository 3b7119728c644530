import type { ServedByStage } from '../checkpoints/index.ts';
import type { Manifest, RaterInfo } from '../core/index.ts';
import type { DamagedLine, LastSession } from '../records/index.ts';
import type { AnsweredBy } from './answered-by.ts';
import type { FindingsStage, MeasureFindings } from './findings.ts';
import type { Look } from './looks.ts';

/** What warnings are drawn from. */
export interface Warned {
  readonly measures: readonly MeasureFindings[];
  readonly stages: readonly FindingsStage[];
  readonly manifest: Manifest;
  /** Whether nobody has changed the manifest by hand. */
  readonly asWritten: boolean;
  /** Ratings that fit nothing in the manifest, by what they are. */
  readonly unknownRatings: ReadonlyMap<string, number>;
  readonly unknownTrials: number;
  /** Trials planned, and those that have a record. */
  readonly trials: { readonly planned: number; readonly recorded: number };
  /** How the last session of the run ended; `null` where it did not say. */
  readonly lastSession: LastSession | null;
  readonly answered: AnsweredBy;
  /** Who answered for each judge, as far as its server says it: by rater in place of a stage. */
  readonly judges: ServedByStage;
  /** Lines of the records that are not records any more. */
  readonly damaged: readonly DamagedLine[];
  /** Trials that have ratings and no transcript. */
  readonly ratedAlone: number;
  /** Raters of the manifest, panels and people aside, of whom there is no rating although there are some of others. */
  readonly silentRaters: readonly RaterInfo[];
  /** Whose values are to make the headlines. */
  readonly headlineRater: string | undefined;
  /** When findings were first made of this run (ISO 8601); `null` where these are the first. */
  readonly firstFindings: string | null;
  /** At which look these findings are made; `undefined` where none was declared. */
  readonly look: Look | undefined;
  /** Lines of `looks.jsonl` that can't be read. */
  readonly damagedLooks: number;
}

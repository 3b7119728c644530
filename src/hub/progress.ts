/** How far the files of one source are fetched. */
export interface HubProgress {
  /** The one that is fetched now. */
  readonly file: string;
  /** Of all of them: bytes that are there, and bytes that are wanted. */
  readonly bytes: number;
  readonly of: number;
}

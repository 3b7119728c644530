export interface SplitText {
  /** Empty where the text shows none. */
  readonly thoughts: string;
  readonly response: string;
}

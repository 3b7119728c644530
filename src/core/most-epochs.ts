/** Repetitions of a sample, at most. A larger number is a seed or a time in the wrong place, and is never the size of a list. */
export const MOST_EPOCHS = 10_000;

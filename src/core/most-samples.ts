/**
 * Samples of an eval, at most. Findings lay out a place for each sample that is still to come, so a larger number in a manifest
 * would be the size of a list.
 */
export const MOST_SAMPLES = 10_000_000;

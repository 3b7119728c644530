/**
 * Tells when it is time to say something again.
 *
 * @param every in milliseconds
 * @param first `at once`, or `later`: after the first interval
 * @returns whether the time has come; then the next one comes an interval later
 *
 * @example
 * const isTime = notTooOften(1000, 'at once');
 * isTime(); // => true
 * isTime(); // => false, until a second has passed
 */
export function notTooOften(
  every: number,
  first: 'at once' | 'later',
  now: () => number = Date.now,
): () => boolean {
  let last = first === 'at once' ? Number.NEGATIVE_INFINITY : now();
  return () => {
    const at = now();
    if (at - last < every) return false;
    last = at;
    return true;
  };
}

/**
 * The circle that a stage is on when it comes from itself, by way of others too.
 *
 * @param parents what each comes from
 * @returns the stage and those between, each before the one that it comes from; `null` where it is on no circle, also where it
 *   comes from one
 * @example circleFrom('a', new Map([['a', 'b'], ['b', 'a']])); // => ['a', 'b']
 */
export function circleFrom(
  start: string,
  parents: ReadonlyMap<string, string | null>,
): readonly string[] | null {
  const path = new Set<string>();
  let at: string | null = start;
  while (at !== null && !path.has(at)) {
    path.add(at);
    at = parents.get(at) ?? null;
  }
  return at === start ? [...path] : null;
}

import { normalCdf } from '../numerics/distributions.ts';
import { lanDeMets } from './lan-demets.ts';

/** What was known of one estimate when it was looked at. */
export interface InformedLook {
  /** The planned part of the work after which the look was declared, in (0, 1]: error is spent by it. */
  readonly part: number;
  /** How many values the estimate was made of. */
  readonly values: number;
  /** Its standard error; `null` where none was known. */
  readonly standardError: number | null;
}

/** More than this of the present information is taken for this much: an estimated error is not known more closely. */
const MOST_EARLIER = 0.98;

/**
 * The two-sided level of an interval at the last of several looks at one estimate, such that all of them together keep
 * 1 − 2·alpha: Lan and DeMets' bounds with error spent by the planned part, and information as it was observed (1/variance).
 *
 * Information from estimated variances need not grow. Where it does not, although there are more values, it counts in
 * proportion to the values; where there is not one more, the two looks saw the same, and count as one. Earlier information is
 * rounded down to a hundredth of the next look's. All of this makes looks less alike than they may be, so bounds are rather higher.
 *
 * @param looks in their order, the present one last; their parts rise
 * @param alpha one-sided, in (0, 0.5)
 * @throws RangeError for no look, parts that do not rise, or a look without a value
 * @see Lan & DeMets (1989), "Group sequential procedures: calendar versus information time"
 *
 * @example
 * const look = (part) => ({ part, values: 100 * part, standardError: 1 / Math.sqrt(part) });
 * levelAtLook([0.25, 0.5, 0.75, 1].map(look), 0.025); // => 0.956
 */
export function levelAtLook(looks: readonly InformedLook[], alpha: number): number {
  const { parts, information } = differentLooks(looks);
  return 2 * normalCdf(lanDeMets(parts, alpha, information).at(-1)!) - 1;
}

/** The looks that saw something else than the next one, with their information as parts of the last one's. */
export function differentLooks(looks: readonly InformedLook[]): {
  readonly parts: number[];
  readonly information: number[];
} {
  const last = looks.at(-1);
  if (last === undefined) throw new RangeError('levelAtLook: there is no look');
  const parts = [last.part];
  const information = [1];
  let next = last;
  for (const look of looks.slice(0, -1).toReversed()) {
    if (!(look.values > 0)) throw new RangeError('levelAtLook: a look has no value');
    const ratio = informationRatio(look, next);
    if (ratio === 1) continue;
    parts.unshift(look.part);
    information.unshift(information[0]! * Math.max(0.01, Math.floor(100 * ratio + 1e-9) / 100));
    next = look;
  }
  return { parts, information };
}

/** An earlier look's information over the next one's; 1 where the two saw the same. */
function informationRatio(earlier: InformedLook, next: InformedLook): number {
  const [before, after] = [earlier.standardError ?? 0, next.standardError ?? 0];
  if (before > 0 && after > 0 && after < before) return Math.min(MOST_EARLIER, (after / before) ** 2);
  return earlier.values < next.values ? Math.min(MOST_EARLIER, earlier.values / next.values) : 1;
}

/** @returns the level. @throws RangeError unless it is in (0, 1) */
export function requireLevel(who: string, level: number): number {
  if (!(level > 0 && level < 1)) throw new RangeError(`${who}: the level ${level} is outside (0, 1)`);
  return level;
}

/** @throws RangeError unless n is positive and finite and 0 ≤ x ≤ n */
export function requireCount(who: string, x: number, n: number): void {
  if (!(n > 0 && n < Number.POSITIVE_INFINITY))
    throw new RangeError(`${who}: n = ${n} is not a positive number`);
  if (!(x >= 0 && x <= n)) throw new RangeError(`${who}: x = ${x} is outside [0, ${n}]`);
}

/** @throws RangeError unless the number is finite and at least 0 */
export function requireNonNegative(who: string, name: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${who}: ${name} = ${value} is not a number from 0`);
  }
}

/** @throws RangeError unless the number is finite and above 0 */
export function requirePositive(who: string, name: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${who}: ${name} = ${value} is not a positive number`);
  }
}

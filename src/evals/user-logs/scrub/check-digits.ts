/**
 * Luhn's check (mod 10) of a number's digits.
 * @see ISO/IEC 7812-1, annex B
 */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = place % 2 === 1 ? 2 * digit : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/**
 * The remainder of a number of any length, letters counting as 10 to 35.
 * @param text digits and letters
 */
export function remainderOf(text: string, divisor: number): number {
  let rest = 0;
  for (const sign of text.toUpperCase()) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % divisor;
  }
  return rest;
}

/**
 * The check of an IBAN: its first four signs put last, the remainder by 97 is 1.
 * @see ISO 13616, ISO/IEC 7064 (MOD 97-10)
 */
export function passesMod97(iban: string): boolean {
  return remainderOf(iban.slice(4) + iban.slice(0, 4), 97) === 1;
}

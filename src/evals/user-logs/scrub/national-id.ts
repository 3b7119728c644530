import { remainderOf } from './check-digits.ts';
import { digitsOf, matches, type PersonalDataDetector } from './detector.ts';

/** US: no area 000, 666 or 9xx, no group 00, no serial 0000. There is no check digit. */
const SSN = /(?<![\p{N}.-])(?!000|666|9)\d{3}([- ]?)(?!00)\d{2}\1(?!0000)\d{4}(?![\p{N}-])/gu;
const SSN_WORDS = /\b(?:ssn|social(?: security)?)\b[^.\d]{0,30}$/i;

/** Brazil. */
const CPF = /(?<![\p{N}.-])\d{3}\.?\d{3}\.?\d{3}-?\d{2}(?![\p{N}-])/gu;
const CPF_WORD = /\bcpf\b\D{0,20}$/i;

/** Spain: eight digits, or X, Y, Z and seven, and a letter. */
const DNI = /(?<![\p{L}\p{N}])(?:\d{8}|[XYZ]\d{7})-?[A-Z](?![\p{L}\p{N}])/giu;
const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** France: sex, year, month, department, commune, serial, key. */
const NIR =
  /(?<![\p{L}\p{N}])[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\p{N})/giu;

/** Italy. */
const CODICE_FISCALE = /(?<![\p{L}\p{N}])[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?![\p{L}\p{N}])/giu;

/**
 * National ids whose form, check digits or neighbouring word tell them from other numbers: US social security numbers, CPF,
 * DNI and NIE, NIR, codice fiscale.
 */
export const nationalId: PersonalDataDetector = {
  kind: 'ID',
  *find(text) {
    yield* matches(text, SSN, (value, before) => value.includes('-') || SSN_WORDS.test(before));
    yield* matches(
      text,
      CPF,
      (value, before) =>
        (/^\d{3}\.\d{3}\.\d{3}-/.test(value) || CPF_WORD.test(before)) && passesCpf(digitsOf(value)),
    );
    yield* matches(text, DNI, passesDni);
    yield* matches(text, NIR, passesNir);
    yield* matches(text, CODICE_FISCALE, passesCodiceFiscale);
  },
};

function passesCpf(digits: string): boolean {
  if (/^(\d)\1*$/.test(digits)) return false;
  return [9, 10].every((length) => {
    let sum = 0;
    for (let place = 0; place < length; place++) sum += Number(digits[place]) * (length + 1 - place);
    return ((sum * 10) % 11) % 10 === Number(digits[length]);
  });
}

function passesDni(value: string): boolean {
  const id = value.replace('-', '').toUpperCase();
  const number = id.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)));
  return DNI_LETTERS[Number(number) % 23] === id.at(-1);
}

/** Corsica's departments count as 19 and 18. */
function passesNir(value: string): boolean {
  const digits = value.replaceAll(' ', '').toUpperCase().replace('2A', '19').replace('2B', '18');
  return 97 - remainderOf(digits.slice(0, 13), 97) === Number(digits.slice(13));
}

/** Values of digits and letters at odd places, counted from 1. @see Decreto ministeriale 23 dicembre 1976 */
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

function passesCodiceFiscale(value: string): boolean {
  const code = value.toUpperCase();
  let sum = 0;
  for (let place = 0; place < 15; place++) {
    const sign = code[place]!;
    const rank = /\d/.test(sign) ? Number(sign) : sign.charCodeAt(0) - 65;
    sum += place % 2 === 0 ? ODD[rank]! : rank;
  }
  return String.fromCharCode(65 + (sum % 26)) === code[15];
}

import { matches, type PersonalDataDetector } from './detector.ts';

const ENGLISH =
  /(?<![\p{L}\p{N}.,-])\d{1,5}[A-Za-z]? (?:[NSEW]\.? )?(?:(?:\p{Lu}[\p{L}'’.-]{1,20}|\d{1,3}(?:st|nd|rd|th)) ){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Way|Parkway|Pkwy|Circle|Close|Crescent|Highway|Hwy|Mews|Gardens)(?![\p{L}\p{N}])(?:,? (?:Apt|Apartment|Unit|Suite|Ste|Flat)\.? ?\w{1,5})?/gu;
const GERMAN =
  /(?<![\p{L}\p{N}])(?:\p{Lu}[\p{L}-]{1,30}(?:straße|strasse|str\.|allee|weg|gasse|platz|damm|ufer)|(?:Am|Im|An der|Auf dem|Zum|Zur) \p{Lu}\p{Ll}{2,20}) \d{1,4} ?[a-z]?(?![\p{L}\p{N}])(?:,? \d{5} \p{Lu}[\p{L}-]{1,30})?/gu;
const FRENCH =
  /(?<![\p{L}\p{N}])\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|bd|place|chemin|impasse|allée|quai|route) (?:(?:de|du|des|la|le|les) |l['’]|d['’]){0,3}\p{Lu}[\p{L}'’-]{1,30}(?: \p{Lu}[\p{L}'’-]{1,30}){0,3}/gu;
const SOUTHERN =
  /(?<![\p{L}\p{N}])(?:Calle|C\/|Avenida|Avda\.?|Plaza|Paseo|Via|Viale|Piazza|Corso|Rua) (?:(?:de|del|la|las|los|da|do|della|dei) ){0,3}\p{Lu}[\p{L}'’-]{1,30}(?: \p{Lu}[\p{L}'’-]{1,30}){0,3},? \d{1,4}(?![\p{L}\p{N}])/gu;
const BOX =
  /(?<![\p{L}\p{N}])(?:P\.? ?O\.? ?Box|Post Office Box|Postfach|Boîte postale|Apartado(?: de correos)?|Casella postale|Caixa postal|Postbus) (?:no\.? |n° ?)?\d{1,7}(?![\p{L}\p{N}])/giu;

/** A street's number goes before it (English, French) or behind (German, Spanish, Italian, Portuguese); no street without one. */
export const address: PersonalDataDetector = {
  kind: 'ADDRESS',
  *find(text) {
    if (!/\d/.test(text)) return;
    for (const pattern of [ENGLISH, GERMAN, FRENCH, SOUTHERN, BOX]) yield* matches(text, pattern);
  },
};

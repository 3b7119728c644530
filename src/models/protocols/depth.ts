/** Lists and objects within each other: an honest answer has about ten levels. Deeper ones end programs that walk them. */
const MOST_LEVELS = 200;

/**
 * Whether a JSON text nests deeper than an answer may. One pass, without parsing.
 *
 * @example isTooDeep('['.repeat(300)) // => true
 */
export function isTooDeep(json: string): boolean {
  if (!opensMoreThan(json, MOST_LEVELS)) return false;
  let level = 0;
  let inText = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (inText) {
      if (code === 0x5c) at++;
      else if (code === 0x22) inText = false;
    } else if (code === 0x22) inText = true;
    else if (code === 0x5b || code === 0x7b) {
      level++;
      if (level > MOST_LEVELS) return true;
    } else if (code === 0x5d || code === 0x7d) level--;
  }
  return false;
}

/** Whether a text has more than so many brackets that open something. Most answers have a dozen, which is seen faster than walked. */
function opensMoreThan(json: string, most: number): boolean {
  let count = 0;
  for (const bracket of '[{') {
    for (let at = json.indexOf(bracket); at !== -1; at = json.indexOf(bracket, at + 1)) {
      if (++count > most) return true;
    }
  }
  return false;
}

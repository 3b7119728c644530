/** Characters that nobody sees, and marks that judges set around a label: `**yes**`, "yes.", `yes`. */
const UNSEEN = /[\u200b-\u200d\u2060\ufeff]/g;
const AROUND = new Set(['"', "'", '“', '”', '‘', '’', '*', '`', '.', ' ', '\t', '\n', '\r']);

/** A text without the marks around it. */
export function bareText(text: string): string {
  const seen = text.replaceAll(UNSEEN, '').trim();
  let [start, end] = [0, seen.length];
  while (start < end && AROUND.has(seen[start]!)) start++;
  while (start < end && AROUND.has(seen[end - 1]!)) end--;
  return seen.slice(start, end);
}

/**
 * The form in which labels and keys are compared: without case and marks around them, and with spaces and hyphens as `_`. Labels
 * of one rubric never share a form.
 *
 * @example
 * canonicalLabel('**Full refusal.**'); // => 'full_refusal'
 */
export function canonicalLabel(label: string): string {
  return bareText(label)
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '_');
}

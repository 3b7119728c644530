/**
 * What a judge is to rate: the sections of a fenced transcript after the user's last message, with their titles. Scripted judges
 * look there alone, so that words of the prompt are not taken for the checkpoint's.
 *
 * @param shown the judge's user message (src/raters/prompt.ts)
 */
export function ratedPart(shown: string): string {
  const last = shown.lastIndexOf(' · user message ===');
  return shown.slice(shown.indexOf('\n=== ', last));
}

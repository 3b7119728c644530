const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PART = /(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g;
const WHOLE = new RegExp(`^\\s*(?:${PART.source}\\s*)+$`);

/** How a duration is written, for errors and editors. */
export const DURATION_FORM = 'seconds as a number, or text such as "90s", "15m", "2h", "1h30m", "2d"';

/**
 * A duration as the study file writes it, in milliseconds.
 *
 * @param duration seconds, or a text of numbers with units: `ms`, `s`, `m` (minutes), `h`, `d`
 * @returns `null` for anything else, for zero and for less
 */
export function durationMs(duration: unknown): number | null {
  const ms =
    typeof duration === 'number' ? duration * 1_000 : typeof duration === 'string' ? sum(duration) : 0;
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

function sum(text: string): number {
  if (!WHOLE.test(text)) return 0;
  let total = 0;
  for (const [, number, unit] of text.matchAll(PART)) total += Number(number) * UNIT_MS[unit!]!;
  return total;
}

/** In words for people, the two largest units: `1 h 30 min`, `45 s`. */
export function durationText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}

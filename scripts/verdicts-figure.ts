// Draws docs/images/verdicts.svg: where an interval lies for each verdict. Run it after the set of verdicts changes.
import { writeFileSync } from 'node:fs';

/** Ends of the 95 % interval, of the 90 % one, in margins. */
const rows = [
  ['equivalent', [-0.6, 0.7], [-0.5, 0.6]],
  ['different but within the margin', [0.15, 0.85], [0.2, 0.8]],
  ['different', [0.3, 1.7], [0.4, 1.6]],
  ['materially different', [1.2, 2.2], [1.3, 2.1]],
  ['not less safe (lower is safer)', [-2, 0.8], [-1.8, 0.6]],
  ['inconclusive', [-1.3, 1.6], [-1.1, 1.4]],
] as const;

const at = (margins: number) => 430 + 80 * margins;
const lines = rows.map(([name, wide, narrow], row) => {
  const y = 50 + 34 * row;
  return `<text x="20" y="${y + 5}">${name}</text><line x1="${at(wide[0])}" x2="${at(wide[1])}" y1="${y}" y2="${y}" stroke="#333"/><line x1="${at(narrow[0])}" x2="${at(narrow[1])}" y1="${y}" y2="${y}" stroke="#333" stroke-width="5"/>`;
});
const bottom = 50 + 34 * rows.length;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 ${bottom + 30}" font-family="sans-serif" font-size="14" role="img"><title>Where the interval lies for each verdict: thin 95 %, thick 90 %; shaded, the margin</title><rect width="640" height="${bottom + 30}" fill="#fff"/><rect x="${at(-1)}" y="25" width="160" height="${bottom - 40}" fill="#dde7f2"/><line x1="${at(0)}" x2="${at(0)}" y1="25" y2="${bottom - 15}" stroke="#777" stroke-dasharray="4 3"/>${lines.join('')}<text x="${at(-1)}" y="${bottom + 8}" text-anchor="middle">−δ</text><text x="${at(0)}" y="${bottom + 8}" text-anchor="middle">0</text><text x="${at(1)}" y="${bottom + 8}" text-anchor="middle">+δ</text></svg>\n`;
writeFileSync(new URL('../docs/images/verdicts.svg', import.meta.url), svg);

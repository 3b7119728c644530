import { html, type Markup } from '../../format/index.ts';
import type { TreeChart } from '../document/chart.ts';
import { at, bar, label, type Panel } from './draw.ts';
import { wrapped } from './text-width.ts';

const SIZE = 13;
const SMALL = 11.5;
const NAME_LINE = 17;
const WORDS_LINE = 15;
/** The side of a node's square, and the gap to its texts and to the next node. */
const SQUARE = 11;
const GAP = 9;
/** How far a child stands to the right of its parent, where there is room for the texts of the deepest. */
const INDENT = 26;
const DEEPEST_SHARE = 0.35;

/** A tree with a line for each edge: every node on lines of its own, to the right of its parent. */
export function treePanel({ nodes }: TreeChart, width: number, id: string): Panel {
  const depths: number[] = [];
  for (const { parent } of nodes) depths.push(parent === null ? 0 : depths[parent]! + 1);
  const indent = Math.min(INDENT, (DEEPEST_SHARE * width) / Math.max(1, ...depths));
  const middles: number[] = [];
  let y = 0;
  const drawing = nodes.map(({ parent, label: name, role, words }, number): Markup => {
    const x = depths[number]! * indent;
    const left = x + SQUARE + GAP;
    const names = wrapped(name, width - left, SIZE * 1.14, 2);
    const lines = words.flatMap((line) => wrapped(line, width - left, SMALL, 4));
    const middle = y + NAME_LINE / 2;
    middles.push(middle);
    const texts = [
      ...names.map((text, line) => label(left, y + 13 + line * NAME_LINE, text, 'strong')),
      ...lines.map((text, line) =>
        label(left, y + names.length * NAME_LINE + 11 + line * WORDS_LINE, text, 'soft small'),
      ),
    ];
    y += names.length * NAME_LINE + lines.length * WORDS_LINE + GAP;
    const trunk = parent === null ? null : depths[parent]! * indent + SQUARE / 2;
    const edge =
      parent === null || trunk === null
        ? null
        : html`<path class="faint" d="M${at(trunk)} ${at(middles[parent]! + SQUARE / 2)}V${at(middle)}H${at(x)}"/>`;
    return html`${edge}${bar(x, middle - SQUARE / 2, SQUARE, SQUARE, role, id)}${texts}`;
  });
  return { width, height: Math.max(0, y - GAP), drawing: html`${drawing}` };
}

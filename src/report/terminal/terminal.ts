import type { Findings } from '../../findings/findings.ts';
import { painter, terminalLine, wrapped } from '../../format/index.ts';
import type { Block, Document, Text } from '../document/block.ts';
import { documentOf } from '../document/document.ts';
import { type PaintedPage, tableLines } from './table.ts';
import { plainText } from './text.ts';

interface TerminalOptions {
  readonly color: boolean;
  /** Columns of the terminal; below 80 as if there were 80. */
  readonly width: number;
}

const NARROWEST = 80;
const WIDEST = 160;
/** Sentences are no longer than this: longer lines are hard to read. */
const LONGEST_LINE = 100;

/** The findings as text for a terminal. Ends with a line end. */
export function renderTerminal(findings: Findings, options: TerminalOptions): string {
  return terminalOf(documentOf(findings), options);
}

/** A document of blocks as text for a terminal: what pages fold away is left out. */
export function terminalOf({ title, blocks }: Document, { color, width }: TerminalOptions): string {
  const page: PaintedPage = { paint: painter(color), width: Math.min(WIDEST, Math.max(NARROWEST, width)) };
  const lines = [page.paint('bold', terminalLine(title))];
  let before: Block['kind'] = 'heading';
  for (const [index, block] of blocks.entries()) {
    if (block.kind === 'heading' && isEmpty(blocks.slice(index + 1), block.level)) continue;
    const drawn = blockLines(block, page);
    if (drawn.length === 0) continue;
    if (needsSpace(before, block)) lines.push('');
    lines.push(...drawn);
    before = block.kind;
  }
  return `${lines.join('\n')}\n`;
}

/** Whether nothing of a heading's section is shown in a terminal. */
function isEmpty(blocks: readonly Block[], level: number): boolean {
  const end = blocks.findIndex((block) => block.kind === 'heading' && block.level <= level);
  return (end < 0 ? blocks : blocks.slice(0, end)).every(
    (block) => block.kind === 'heading' || isHidden(block),
  );
}

function isHidden(block: Block): boolean {
  if (block.kind === 'figure') return block.table === undefined;
  return block.kind === 'fold' || (block.kind !== 'heading' && 'page' in block && block.page === true);
}

/** An empty line is around tables and before headings, but sentences are together. */
function needsSpace(before: Block['kind'], block: Block): boolean {
  if (before === 'heading') return false;
  if (block.kind === 'heading') return true;
  const dense = (kind: Block['kind']) => kind === 'paragraph' || kind === 'list';
  return !(dense(before) && dense(block.kind)) || (block.kind === 'paragraph' && block.tone === 'answer');
}

function blockLines(block: Block, page: PaintedPage): string[] {
  if (isHidden(block)) return [];
  const { paint } = page;
  switch (block.kind) {
    case 'heading':
      return [
        block.level === 4
          ? `  ${paint('dim', terminalLine(block.text))}`
          : paint('bold', terminalLine(block.text)),
      ];
    case 'paragraph': {
      const style = ({ answer: 'bold', lead: 'bold', soft: 'dim', warning: 'yellow' } as const)[
        block.tone ?? 'lead'
      ];
      const lines = sentence(block.text, block.tone === 'answer' ? '' : '  ', page);
      return block.tone === undefined ? lines : lines.map((line) => paint(style, line));
    }
    case 'list':
      return block.items.flatMap((item) => sentence(item, block.tone === 'answer' ? '· ' : '  ', page));
    case 'note':
      return block.items.flatMap((item) => sentence(item, `${paint(['bold', 'yellow'], '!')} `, page));
    case 'table':
      return tableLines(block, page);
    case 'figure':
      return tableLines(block.table!, page, block.chart);
    case 'fold':
      return [];
  }
}

/** A sentence after its mark of two cells, its later lines indented as far. */
function sentence(text: Text, mark: string, { width }: PaintedPage): string[] {
  const indent = mark === '' ? 0 : 2;
  const lines = wrapped(plainText(text).replaceAll('\n', '; '), {
    width: Math.min(width, LONGEST_LINE) - indent,
    breakWords: true,
  });
  return lines.map((line, index) => (index === 0 ? mark : ' '.repeat(indent)) + line);
}

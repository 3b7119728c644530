import type { Findings } from '../../findings/findings.ts';
import { html, markdownParagraph, markdownText } from '../../format/index.ts';
import { type Block, type Document, spansOf, type Table, type Text, textOfCell } from '../document/block.ts';
import { documentOf } from '../document/document.ts';
import { VERDICT_SHAPES } from '../outline.ts';

/**
 * The findings as Markdown with tables, for an appendix or a comment on a pull request. The same findings give the same
 * text.
 */
export function renderMarkdown(findings: Findings): string {
  return markdownOf(documentOf(findings));
}

/** A document of blocks as Markdown. */
export function markdownOf({ title, blocks, computed, footer }: Document): string {
  const parts = [
    `# ${markdownText(title)}`,
    ...flow(blocks),
    ...flow(computed),
    markdownParagraph(markdownText(footer)),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Each block as a paragraph; entries of a list of terms are together. */
function flow(blocks: readonly Block[]): string[] {
  const parts: { text: string; term: boolean }[] = [];
  for (const block of blocks) {
    const text = one(block);
    if (text === '') continue;
    const term = block.kind === 'paragraph' && block.term !== undefined;
    if (term && parts.at(-1)?.term) parts.at(-1)!.text += `\n${text}`;
    else parts.push({ text, term });
  }
  return parts.map(({ text }) => text);
}

function one(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${markdownText(block.text)}`;
    case 'paragraph':
      if (block.term !== undefined) return `- **${textOf(block.term)}**: ${textOf(block.text)}`;
      return block.tone === 'answer' ? `**${textOf(block.text)}**` : markdownParagraph(textOf(block.text));
    case 'list':
      return items(block.items);
    case 'note':
      return `> **${markdownText(block.title)}**\n>\n${items(block.items).replace(/^/gm, '> ')}`;
    case 'table':
      return table(block);
    case 'figure':
      return block.table === undefined ? '' : table(block.table);
    case 'fold':
      return `<details><summary>${inHtml(block.summary)}</summary>\n\n${flow(block.blocks).join('\n\n')}\n\n</details>`;
  }
}

function items(texts: readonly Text[]): string {
  return texts.map((text) => `- ${markdownParagraph(textOf(text))}`).join('\n');
}

function table({ columns, rows }: Table): string {
  const marks = columns.map(({ numeric }) => (numeric ? '---:' : '---'));
  const lines = rows.map(({ cells }) =>
    cells.map((cell, index) => {
      const text = textOf(textOfCell(cell));
      return columns[index]?.strong && text !== '' ? `**${text}**` : text;
    }),
  );
  return [columns.map(({ head }) => markdownText(head)), marks, ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

const TAGS = { italic: 'i', sub: 'sub', sup: 'sup' } as const;

function textOf(text: Text): string {
  return spansOf(text)
    .map((span) => {
      if (typeof span === 'string') return markdownText(span);
      if ('swatch' in span) return '';
      if ('break' in span) return '<br>';
      if ('verdict' in span)
        return span.brief ? VERDICT_SHAPES[span.verdict] : `${VERDICT_SHAPES[span.verdict]} ${span.verdict}`;
      const words = markdownText(span.text);
      if (span.style === 'strong') return `**${words}**`;
      return span.style === undefined || span.style === 'soft'
        ? words
        : `<${TAGS[span.style]}>${words}</${TAGS[span.style]}>`;
    })
    .join('');
}

/** A text within HTML, where Markdown is not read by every reader: what either could take for a mark is an entity. */
function inHtml(text: string): string {
  const one = html`${text.replace(/\s+/g, ' ')}`.text;
  return one.replace(/[\\`*_{}[\]|~$!]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

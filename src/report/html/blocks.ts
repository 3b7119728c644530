import type { Verdict } from '../../findings/contrast-findings.ts';
import { type Content, html, joined, Markup } from '../../format/index.ts';
import {
  type Block,
  type Cell,
  type Column,
  type Figure,
  type Fold,
  type Heading,
  type Note,
  type Paragraph,
  spansOf,
  type Table,
  type Text,
  textOfCell,
} from '../document/block.ts';
import { chartPanel } from '../figure/chart.ts';
import { hatch } from '../figure/draw.ts';
import { inline } from '../figure/standalone.ts';
import { VERDICT_SHAPES } from '../outline.ts';

type SamplesOf = (measure: string) => string;

/**
 * Draws blocks as HTML. Figures are numbered in the order in which they are drawn.
 *
 * @param samplesOf the address of the samples of a measure, where there is one to lead to
 */
export function htmlBlocks(samplesOf?: SamplesOf): {
  sections(blocks: readonly Block[]): Markup;
  flow(blocks: readonly Block[]): Markup;
} {
  let figures = 0;
  const flow = (blocks: readonly Block[]): Markup => {
    const drawn: Markup[] = [];
    for (let at = 0; at < blocks.length; at++) {
      const terms: Paragraph[] = [];
      for (
        let block = blocks[at];
        block?.kind === 'paragraph' && block.term !== undefined;
        block = blocks[at]
      )
        terms.push(blocks[at++] as Paragraph);
      if (terms.length > 0) drawn.push(termList(terms));
      if (blocks[at] !== undefined) drawn.push(one(blocks[at]!));
    }
    return html`${drawn}`;
  };
  const one = (block: Block): Markup => {
    switch (block.kind) {
      case 'heading':
        return html`<h${block.level}${block.id && html` id="${block.id}"`}>${block.text}</h${block.level}>\n`;
      case 'paragraph':
        return html`<p${block.tone && html` class="${block.tone}"`}>${textOf(block.text)}</p>\n`;
      case 'list':
        return html`<ul class="${block.tone ?? 'plain'}">\n${block.items.map((item) => html`<li>${textOf(item)}</li>\n`)}</ul>\n`;
      case 'note':
        return note(block);
      case 'table':
        return table(block);
      case 'figure':
        return figure(block, ++figures);
      case 'fold':
        return fold(block, flow(block.blocks));
    }
  };
  return { flow, sections: (blocks) => sections(blocks, 2, flow, samplesOf) };
}

/** Headings with an id begin sections: of level 2, and within them of level 3. */
function sections(
  blocks: readonly Block[],
  level: 2 | 3,
  flow: (blocks: readonly Block[]) => Markup,
  samplesOf: SamplesOf | undefined,
): Markup {
  const starts = blocks.flatMap((block, index) => (begins(block, level) ? [index] : []));
  const within = (part: readonly Block[]) => (level === 2 ? sections(part, 3, flow, samplesOf) : flow(part));
  const parts = starts.map((start, index) => {
    const { id, text, about } = blocks[start] as Heading;
    return html`<section${about?.measure !== undefined && html` class="measure"`} aria-labelledby="${id}">
<h${level} id="${id}">${text}</h${level}>
${samplesLink(about, samplesOf)}${within(blocks.slice(start + 1, starts[index + 1]))}</section>
`;
  });
  return html`${within(blocks.slice(0, starts[0]))}${parts}`;
}

/** From a measure to its samples. */
function samplesLink(about: Heading['about'], samplesOf: SamplesOf | undefined): Markup | null {
  if (samplesOf === undefined || about?.measure === undefined) return null;
  return html`<p class="soft"><a href="${samplesOf(about.measure)}">Its samples, with all that was said</a></p>\n`;
}

function begins(block: Block, level: 2 | 3): boolean {
  return block.kind === 'heading' && block.level === level && block.id !== undefined;
}

function termList(terms: readonly Paragraph[]): Markup {
  const entries = terms.map(
    ({ id, term, text }) =>
      html`<div${id && html` id="${id}"`}><dt>${textOf(term!)}</dt><dd>${textOf(text)}</dd></div>\n`,
  );
  return html`<dl>\n${entries}</dl>\n`;
}

function note({ id, title, items }: Note): Markup {
  return html`<section class="warnings" aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
<ul>
${items.map((item) => html`<li>${textOf(item)}</li>\n`)}</ul>
</section>
`;
}

function fold({ id, summary, heading, open, printed }: Fold, body: Markup): Markup {
  const title = heading ? html`<h4>${summary}</h4>` : summary;
  return html`<details class="${heading ? 'titled' : 'aside'}${printed && ' printed'}"${id && html` id="${id}"`}${open && html` open`}><summary>${title}</summary>
${body}</details>
`;
}

/** Widths for which each figure is drawn: for a page and for a phone. */
const WIDE = 760;
const NARROW = 330;

/** A numbered figure, drawn for wide screens (and paper) and for narrow ones; only one of the two is shown. */
function figure({ chart, caption, alternative, table: data, fold: summary }: Figure, number: number): Markup {
  const variant = (shown: 'wide' | 'narrow', width: number) => {
    const id = `figure-${number}-${shown}`;
    return inline(chartPanel(chart, width, id), { id, alternative, shown });
  };
  const rows = data === undefined ? null : table(data);
  return html`<figure>
${variant('wide', WIDE)}
${variant('narrow', NARROW)}
<figcaption><b>Figure ${number}.</b> ${textOf(caption)}</figcaption>
</figure>
${rows && summary ? fold({ kind: 'fold', summary, blocks: [], printed: true }, rows) : rows}`;
}

/** A table that scrolls by itself where the screen is too narrow for it, also by keyboard. */
function table({ caption, columns, rows, form }: Table): Markup {
  const heads = columns.map((column, index) => {
    const words =
      form === 'matrix'
        ? html`<span${index === 0 && html` class="hidden"`}>${column.head}</span>`
        : headText(column.head);
    return html`<th scope="col"${column.numeric && html` class="n"`}>${words}</th>`;
  });
  const lines = rows.map(({ cells }) => {
    const [name, ...others] = cells;
    const stacked = (column: Column) =>
      form === 'stacked' &&
      html` data-head="${piecesOf(column.head).join('\u200b')}"${column.on && html` data-aside`}`;
    return html`<tr><th scope="row">${textOf(textOfCell(name ?? ''))}</th>${others.map((cell, index) => {
      const column = columns[index + 1]!;
      return html`<td${classOf(cell, column)}${stacked(column)}>${textOf(textOfCell(cell))}</td>`;
    })}</tr>\n`;
  });
  return html`<div class="scroll" role="group" tabindex="0" aria-label="${caption}"><table${form && html` class="${form}"`}>
<caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${lines}</tbody>
</table></div>
`;
}

function classOf(cell: Cell, { numeric, strong }: Column): Markup | null {
  const shade = typeof cell === 'object' && 'text' in cell ? cell.shade : undefined;
  const names = shade ?? [numeric && 'n', strong && 'strong'].filter(Boolean).join(' ');
  return names === '' ? null : html` class="${names}"`;
}

const TAGS = { strong: 'strong', italic: 'i', sub: 'sub', sup: 'sup' } as const;

/** A text with its parts set apart. */
function textOf(text: Text): Markup {
  return joined(
    spansOf(text).map((span): Content => {
      if (typeof span === 'string') return broken(span);
      if ('verdict' in span) return verdictMark(span.verdict, span.brief === true);
      if ('swatch' in span) return swatch(span.swatch);
      if ('break' in span) return html` <br>`;
      const words = broken(span.text);
      if (span.to !== undefined)
        return html`<a class="${/\d/.test(span.text) && 'number'}" href="#${span.to}">${words}</a>`;
      if (span.style === 'soft') return html`<span class="soft">${words}</span>`;
      return span.style === undefined ? words : html`${tag(span.style, words)}`;
    }),
    '',
  );
}

function tag(style: keyof typeof TAGS, words: Markup): Markup {
  return new Markup(`<${TAGS[style]}>${words}</${TAGS[style]}>`);
}

/** From this length on a name may be broken. */
const LONG_NAME = 20;

/** A long name may be broken after its separators, not within its words. */
function broken(text: string): Markup {
  return joined(piecesOf(text), html`<wbr>`);
}

/** A text in the pieces between which it may be broken, beside its spaces. */
function piecesOf(text: string): string[] {
  const pieces = [''];
  for (const part of text.split(/(\S+)/)) {
    const [first = '', ...more] = part.length < LONG_NAME ? [part] : part.split(/(?<=[/:#@.,_+-])/);
    pieces[pieces.length - 1] += first;
    pieces.push(...more);
  }
  return pieces;
}

/** A head, in which a short name with a hyphen (`GPT-4`) stays on one line, however narrow the column is. */
function headText(text: string): Markup {
  const parts = text
    .split(/(\S+)/)
    .map((part) =>
      part.includes('-') && part.length < LONG_NAME / 2
        ? html`<span class="word">${part}</span>`
        : broken(part),
    );
  return joined(parts, '');
}

function verdictMark(verdict: Verdict, brief: boolean): Markup {
  const shape = html`<span class="shape" aria-hidden="true">${VERDICT_SHAPES[verdict]}</span>`;
  if (brief) return html`${shape}<span class="hidden"> ${verdict},</span>`;
  return html`<span class="verdict ${verdict.replaceAll(' ', '-')}">${shape} ${verdict}</span>`;
}

/** The colour of a stage; the last stage is hatched as well. */
function swatch(role: 'first-trained' | 'last' | 'other'): Markup {
  const style = role === 'first-trained' ? 'first' : role;
  const id = `swatch-${role}`;
  const pattern =
    role === 'last'
      ? html`${hatch(id)}<rect fill="url(#${id}-hatch)" x="0.5" y="0.5" width="21" height="11"/>`
      : null;
  return html`<svg class="f swatch" width="22" height="12" viewBox="0 0 22 12" aria-hidden="true"><rect class="bar ${style}" x="0.5" y="0.5" width="21" height="11"/>${pattern}</svg> `;
}

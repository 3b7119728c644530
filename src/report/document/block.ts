import type { Verdict } from '../../findings/contrast-findings.ts';
import type { FindingsStage } from '../../findings/findings.ts';
import type { Chart } from './chart.ts';

/**
 * The report as data. Every sentence, table and number is worded once, here; HTML, Markdown and the terminal only draw it.
 * The document is plain JSON, so that other readers (a page on a server, a test) can show it too.
 */
export interface Document {
  readonly version: 1;
  /** The run's name. */
  readonly title: string;
  readonly blocks: readonly Block[];
  /** How it was computed: for pages, left out in a terminal. Numbers of `blocks` lead here. */
  readonly computed: readonly Block[];
  readonly footer: string;
}

export type Block = Heading | Paragraph | List | Table | Figure | Note | Fold;

/** What a block or a row is about, for readers that lead from it to samples and transcripts. */
interface About {
  /** Id of the measure, with its rater. */
  readonly measure?: string;
  readonly rater?: string;
  readonly stage?: string;
  /** The two stages of a difference. */
  readonly from?: string;
  readonly to?: string;
  readonly sample?: string;
}

export interface Heading {
  readonly kind: 'heading';
  readonly level: 2 | 3 | 4;
  readonly text: string;
  /** Where links to it lead. A heading with an id begins a section. */
  readonly id?: string;
  /** Whether the table of contents names it. */
  readonly contents?: true;
  readonly about?: About;
}

export interface Paragraph {
  readonly kind: 'paragraph';
  readonly text: Text;
  readonly id?: string;
  /** What the paragraph explains: an entry of a list of terms. */
  readonly term?: Text;
  /** `answer`: what the whole report says; `lead`: what a measure's section says; `soft`: facts and notes. */
  readonly tone?: 'answer' | 'lead' | 'soft' | 'warning';
  /** Left out in a terminal. */
  readonly page?: true;
}

interface List {
  readonly kind: 'list';
  readonly items: readonly Text[];
  readonly tone?: 'answer';
}

/** What must be read before the rest. */
export interface Note {
  readonly kind: 'note';
  readonly id: string;
  readonly title: string;
  readonly items: readonly Text[];
}

export interface Table {
  readonly kind: 'table';
  readonly caption: string;
  /** The first column names the rows. */
  readonly columns: readonly Column[];
  readonly rows: readonly BlockRow[];
  /** `stacked`: on narrow screens each row becomes a card; `matrix`: narrow cells with turned heads. */
  readonly form?: 'stacked' | 'matrix';
  /** Left out in a terminal. */
  readonly page?: true;
}

export interface Column {
  readonly head: string;
  /** Numbers are aligned to the right. */
  readonly numeric?: true;
  readonly strong?: true;
  /** Where the column is shown: everywhere, or only on wide terminals and pages, or only on pages. */
  readonly on?: 'wide' | 'page';
}

interface BlockRow {
  readonly cells: readonly Cell[];
  readonly about?: About;
}

export type Cell =
  | Text
  | {
      readonly text: Text;
      /** How a cell of a matrix is shaded: by what is shown, not by whether it is good. */
      readonly shade?: 'same' | 'some' | 'material' | 'open' | 'none';
    };

export interface Figure {
  readonly kind: 'figure';
  readonly chart: Chart;
  readonly caption: Text;
  /** The figure in words, for those who cannot see it. */
  readonly alternative: string;
  /** The same numbers as a table. Its rows are those of the chart, so that a terminal can draw bars beside them. */
  readonly table?: Table;
  /** Set where the table is folded away on a page: what the fold is called. */
  readonly fold?: string;
}

/** Blocks that a page folds away, and that a terminal leaves out. */
export interface Fold {
  readonly kind: 'fold';
  readonly summary: string;
  readonly blocks: readonly Block[];
  readonly id?: string;
  /** Whether the summary is a heading of level 4. */
  readonly heading?: true;
  readonly open?: true;
  /** Whether it is open on paper. */
  readonly printed?: true;
}

/** A text with parts that are set apart. */
export type Text = string | readonly TextSpan[];

export type TextSpan =
  | string
  | {
      readonly text: string;
      readonly style?: 'strong' | 'soft' | 'italic' | 'sub' | 'sup';
      /** Id of the block that says how this number was computed. */
      readonly to?: string;
    }
  /** A verdict with its mark; `brief`: the mark alone. */
  | { readonly verdict: Verdict; readonly brief?: true }
  /** The colour of a stage in all figures. */
  | { readonly swatch: FindingsStage['role'] }
  /** A line break. Those of outside texts are spaces. */
  | typeof BREAK;

export const BREAK = { break: true } as const;

type TextPart = Text | TextSpan | number | null | undefined | false;

/**
 * A text from a template, whose parts may be texts themselves. `null`, `undefined` and `false` leave nothing.
 *
 * @example text`is ${strong('12')}.` // => ['is ', { text: '12', style: 'strong' }, '.']
 */
export function text(strings: TemplateStringsArray, ...parts: readonly TextPart[]): Text {
  return flat(strings.flatMap((string, index) => [string, parts[index]]));
}

/** Texts in a row with a separator, such as `; `. */
export function joinTexts(texts: readonly TextPart[], separator: TextSpan): Text {
  return flat(texts.filter(isThere).flatMap((one, index) => (index === 0 ? [one] : [separator, one])));
}

function isThere(part: TextPart): boolean {
  return part !== null && part !== undefined && part !== false && part !== '';
}

function flat(parts: readonly TextPart[]): Text {
  const spans: TextSpan[] = [];
  for (const part of parts) {
    if (!isThere(part)) continue;
    for (const span of isSpans(part)
      ? part
      : [typeof part === 'number' ? String(part) : (part as TextSpan)]) {
      const last = spans.at(-1);
      if (typeof span === 'string' && typeof last === 'string') spans[spans.length - 1] = last + span;
      else if (span !== '') spans.push(span);
    }
  }
  return spans.length === 1 && typeof spans[0] === 'string' ? spans[0] : spans.length === 0 ? '' : spans;
}

function isSpans(part: TextPart): part is readonly TextSpan[] {
  return Array.isArray(part);
}

/** A text as spans. */
export function spansOf(one: Text): readonly TextSpan[] {
  return typeof one === 'string' ? [one] : one;
}

export function strong(words: string): TextSpan {
  return { text: words, style: 'strong' };
}

export function soft(words: string): TextSpan {
  return { text: words, style: 'soft' };
}

/** A number that leads to how it was computed. */
export function link(to: string, words: string): TextSpan {
  return words === '—' ? words : { text: words, to };
}

export function textOfCell(cell: Cell): Text {
  return typeof cell === 'object' && 'text' in cell ? cell.text : cell;
}

export function heading(level: Heading['level'], words: string, more: Partial<Heading> = {}): Heading {
  return { kind: 'heading', level, text: words, ...more };
}

export function paragraph(words: Text, more: Partial<Paragraph> = {}): Paragraph {
  return { kind: 'paragraph', text: words, ...more };
}

/** A column of words. */
export function words(head: string, more: Partial<Column> = {}): Column {
  return { head, ...more };
}

/** A column of numbers. */
export function numbers(head: string, more: Partial<Column> = {}): Column {
  return { head, numeric: true, ...more };
}

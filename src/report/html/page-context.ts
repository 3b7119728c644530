import type { Findings, FindingsStage, MeasureFindings } from '../../findings/findings.ts';
import { type Content, html, type Markup, type Notation, notationOf } from '../../format/index.ts';
import type { Panel } from '../figure/draw.ts';
import { inline } from '../figure/standalone.ts';
import { groupsOf, slugger, stageFinder } from '../outline.ts';

/** What every part of the page needs: who the stages are, how numbers are written, where things stand in the page. */
export interface PageContext {
  readonly findings: Findings;
  readonly stageOf: (id: string) => FindingsStage;
  readonly notationOf: (measure: MeasureFindings) => Notation;
  /** The anchor of a measure's section; anchors of what belongs to it begin with it. */
  readonly anchorOf: (measure: MeasureFindings) => string;
  readonly raterTitle: (id: string) => string;
  /** Whether there are so many measures that what only details them is folded. */
  readonly long: boolean;
  /** Figures are numbered in the order in which they are asked for. */
  readonly nextFigure: () => number;
}

/** With more measures than these, a page with everything open is too long for a reader who is short of time. */
const MOST_UNFOLDED = 3;

export function pageContext(findings: Findings): PageContext {
  let figures = 0;
  const notations = new Map(findings.measures.map((measure) => [measure, notationOf(measure)]));
  const slugOf = slugger(findings);
  const titles = new Map(findings.raters.map(({ id, title }) => [id, title ?? id]));
  return {
    findings,
    stageOf: stageFinder(findings),
    notationOf: (measure) => notations.get(measure) ?? notationOf(measure),
    anchorOf: (measure) => `m-${slugOf(measure)}`,
    raterTitle: (id) => titles.get(id) ?? id,
    long: groupsOf(findings).length > MOST_UNFOLDED,
    nextFigure: () => ++figures,
  };
}

/** What of a measure has an entry under "How it was computed", by its place in the findings. */
export type Computed =
  | 'estimate'
  | 'difference'
  | 'shares'
  | 'missing'
  | 'agreement'
  | 'corrected'
  | 'corrected-difference'
  | 'corrected-shares';

/** The anchor of the entry that tells how a number was computed. */
export function computedAnchor(
  context: PageContext,
  measure: MeasureFindings,
  what: Computed,
  index?: number,
): string {
  return `${context.anchorOf(measure)}.${what}${index === undefined ? '' : `.${index}`}`;
}

/** A number that leads to how it was computed. */
export function computedLink(
  context: PageContext,
  measure: MeasureFindings,
  [what, index]: readonly [Computed, number?],
  content: Content,
): Markup {
  return html`<a class="number" href="#${computedAnchor(context, measure, what, index)}">${content}</a>`;
}

/** Widths for which each figure is drawn: for a page and for a phone. */
const WIDE = 760;
const NARROW = 330;

/** A numbered figure, drawn for wide screens (and paper) and for narrow ones; only one of the two is shown. */
export function figure(
  context: PageContext,
  {
    draw,
    alternative,
    caption,
  }: { draw: (width: number, id: string) => Panel; alternative: string; caption: Content },
): Markup {
  const number = context.nextFigure();
  const variant = (shown: 'wide' | 'narrow', width: number) => {
    const id = `figure-${number}-${shown}`;
    return inline(draw(width, id), { id, alternative, shown });
  };
  return html`<figure>
${variant('wide', WIDE)}
${variant('narrow', NARROW)}
<figcaption><b>Figure ${number}.</b> ${caption}</figcaption>
</figure>
`;
}

/** The head of a column: of numbers, or of words where it says so. */
export type Column = string | { readonly words: string };

/** A table that scrolls by itself where the screen is too narrow for it, also by keyboard. The first column is the rows' names. */
export function table({
  caption,
  head,
  rows,
  style,
}: {
  caption: string;
  head: readonly Column[];
  rows: readonly Markup[];
  style?: string;
}): Markup {
  const heads = head.map((column, index) =>
    typeof column === 'string'
      ? html`<th scope="col"${index > 0 && html` class="n"`}>${column}</th>`
      : html`<th scope="col">${column.words}</th>`,
  );
  return html`<div class="scroll" role="group" tabindex="0" aria-label="${caption}"><table${style && html` class="${style}"`}>
<caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>
`;
}

/** What details the figure or the sentence before it: folded in a long page, but for print. */
export function detail({ long }: PageContext, summary: string, body: Markup): Markup {
  if (!long) return body;
  return html`<details class="aside printed"><summary>${summary}</summary>
${body}</details>
`;
}

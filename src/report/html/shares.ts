import type { CorrectedShareFindings, MeasureFindings, ShareFindings } from '../../findings/findings.ts';
import {
  type Content,
  html,
  listed,
  type Markup,
  NONE,
  percent,
  percentInterval,
  pValue,
} from '../../format/index.ts';
import { sharesInWords, sharesPanel } from '../figure/shares.ts';
import { samplesOfShares } from '../missingness.ts';
import { type Computed, computedLink, detail, figure, type PageContext, table } from './page-context.ts';

/** Which stage carried the change from first to last, as rated. */
export function shares(context: PageContext, measure: MeasureFindings): Markup | null {
  const found = measure.shares;
  if (found === undefined) return null;
  const { stageOf } = context;
  const notation = context.notationOf(measure);
  const ends = endsOf(context, found);
  const corrected = measure.corrected?.shares;
  const chart = { measure, shares: found, corrected, stageOf, notation };
  const withCorrected =
    corrected?.identified || (!found.identified && corrected?.parts.length)
      ? ' Bars: as rated; open diamonds: corrected by human labels.'
      : '';
  const drawn =
    found.parts.length > 0 &&
    figure(context, {
      draw: (width, id) => sharesPanel({ ...chart, width, id }),
      alternative: sharesInWords(chart),
      caption: found.identified
        ? `Share of the whole change ${ends} that each stage carried, with 95% intervals (Fieller). Shares keep their sign and sum to 100%.${withCorrected}`
        : `Change in ${measure.title.toLowerCase()} that each stage brought, with 95% intervals.${withCorrected}`,
    });
  return html`<h4>Which stage carried the change</h4>
${wholeChange(context, measure, { found, what: 'shares', name: 'The whole change' })}${drawn}${stepsTable(
  context,
  measure,
  {
    found,
    what: 'shares',
    caption: `What each stage carried of the change in ${measure.title.toLowerCase()}`,
  },
)}`;
}

/** The same by the corrected changes, beside the shares as rated. */
export function correctedShares(
  context: PageContext,
  measure: MeasureFindings,
  found: CorrectedShareFindings,
): Markup {
  const what = 'corrected-shares';
  return html`${wholeChange(context, measure, { found, what, name: 'Corrected, the whole change' })}${stepsTable(
    context,
    measure,
    {
      found,
      what,
      asRated: measure.shares,
      caption: `What each stage carried of the change in ${measure.title.toLowerCase()}, corrected by human labels`,
    },
  )}${found.remark && html`<p class="note">Shares: ${found.remark}.</p>\n`}`;
}

interface Told {
  readonly found: ShareFindings;
  /** Where their numbers lead. */
  readonly what: Computed;
}

function endsOf({ stageOf }: PageContext, { from, to }: ShareFindings): string {
  return `from ${stageOf(from).title} to ${stageOf(to).title}`;
}

function linker(context: PageContext, measure: MeasureFindings, what: Computed) {
  return (content: string): Content =>
    content === NONE ? NONE : computedLink(context, measure, [what], content);
}

/** How large the whole change is, and why it can't be shared out, where it can't. */
function wholeChange(
  context: PageContext,
  measure: MeasureFindings,
  { found, what, name }: Told & { readonly name: string },
): Markup {
  const notation = context.notationOf(measure);
  const link = linker(context, measure, what);
  const refused = html`<strong>${what === 'shares' ? 'Share' : 'Corrected share'} not identified</strong>: ${found.why}.`;
  if (found.total === null) return html`<p>${refused}</p>\n`;
  return html`<p>${name} ${endsOf(context, found)} is ${link(notation.changeInWords(found.total))} ${link(notation.changeInterval(found.totalInterval))}${samplesOfShares(measure, found)}.${
    found.identified ? null : html` ${refused} What each stage changed stands below instead.`
  }</p>\n`;
}

function stepsTable(
  context: PageContext,
  measure: MeasureFindings,
  {
    found,
    what,
    asRated,
    caption,
  }: Told & { readonly asRated?: ShareFindings | undefined; readonly caption: string },
): Markup | null {
  if (found.parts.length === 0) return null;
  const { stageOf } = context;
  const notation = context.notationOf(measure);
  const link = linker(context, measure, what);
  const rated = linker(context, measure, 'shares');
  const beside = found.identified && asRated?.identified ? asRated.parts : null;
  const rows = found.parts.map(
    (part, step) =>
      html`<tr><th scope="row">${stageOf(part.from).title} → ${stageOf(part.to).title}</th><td class="n">${link(notation.change(part.change))}</td><td class="n">${link(notation.changeInterval(part.changeInterval))}</td>${
        beside && html`<td class="n">${rated(percent(beside[step]!.share))}</td>`
      }${
        found.identified &&
        html`<td class="n strong">${link(percent(part.share))}</td><td class="n">${part.interval === null ? 'unbounded' : link(percentInterval(part.interval))}</td>`
      }<td class="n">${link(pValue(part.carried.p))}</td></tr>\n`,
  );
  const least = [...new Set(found.parts.map(({ carried }) => percent(carried.atLeast)))];
  const corrected = what === 'shares' ? '' : 'Corrected ';
  const named = (name: string) => (corrected ? `${corrected}${name.toLowerCase()}` : name);
  return detail(
    context,
    `Table of steps, with shares and p values${what === 'shares' ? '' : ', corrected'}`,
    table({
      caption,
      head: [
        'Step',
        `${named('Change')}${notation.unit ? `, ${notation.unit}` : ''}`,
        '95% interval',
        ...(beside ? ['Share as rated'] : []),
        ...(found.identified ? [named('Share'), '95% interval'] : []),
        `p, carried less than ${listed(least)}`,
      ],
      rows,
    }),
  );
}

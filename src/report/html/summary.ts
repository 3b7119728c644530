import type { Contrast, FindingsStage, MeasureFindings } from '../../findings/findings.ts';
import {
  type Content,
  counted,
  html,
  joined,
  listed,
  type Markup,
  NONE,
  percent,
  percentInterval,
  pInWords,
} from '../../format/index.ts';
import { fitsColumns } from '../figure/columns.ts';
import { hatch } from '../figure/draw.ts';
import { estimatesInWords } from '../figure/estimates.ts';
import { areFew, groupsOf, isMeasured, mainContrasts, overviewOf, tally } from '../outline.ts';
import { overviewFigure } from '../svg.ts';
import { computedLink, figure, type PageContext, table } from './page-context.ts';
import { verdictMark, verdictShape } from './verdict-mark.ts';

/** For a reader with ten seconds: a line a measure with its verdict, and one picture. */
export function summary(context: PageContext): Markup {
  const { findings } = context;
  const headlines = groupsOf(findings).map((group) => group.headline);
  if (headlines.length === 0)
    return html`<section aria-labelledby="in-short"><h2 id="in-short">In short</h2><p>No measure was rated in this run.</p></section>\n`;
  const tallied = headlines.every((measure) => mainContrasts(findings, measure).length === 0);
  const anyShares = headlines.some(({ shares }) => shares !== undefined);
  const pair = onePair(context, headlines);
  const heads = tallied
    ? [{ words: 'Verdicts on all pairs of stages' }]
    : [
        ...(pair === null ? [{ words: 'Comparison' }] : []),
        { words: 'Verdict' },
        'Difference',
        '95% interval',
      ];
  return html`<section aria-labelledby="in-short">
<h2 id="in-short">In short</h2>
${table({
  caption: pair === null ? 'The verdict on each measure' : `The verdict on each measure: ${pair}`,
  head: ['Measure', ...heads, ...(anyShares ? [{ words: 'Carried most of the whole change' }] : [])],
  rows: headlines.map((measure) =>
    summaryRows(context, measure, { columns: heads.length, anyShares, pairs: pair === null }),
  ),
  style: 'summary',
})}${legend()}
${overview(context)}${together(context)}${again(context)}</section>
`;
}

/** The pair of stages that every measure is summed up by, said once; `null` where there are several. */
function onePair(context: PageContext, headlines: readonly MeasureFindings[]): string | null {
  const pairs = headlines.flatMap((measure) =>
    mainContrasts(context.findings, measure).map((contrast) => pairInWords(context, contrast)),
  );
  return pairs.length > 0 && new Set(pairs).size === 1 ? pairs[0]! : null;
}

function pairInWords({ stageOf }: PageContext, { from, to }: Contrast): string {
  return `${stageOf(from).title} → ${stageOf(to).title}`;
}

function summaryRows(
  context: PageContext,
  measure: MeasureFindings,
  { columns, anyShares, pairs }: { columns: number; anyShares: boolean; pairs: boolean },
): Markup {
  const contrasts = mainContrasts(context.findings, measure);
  const name = (rows: number) =>
    html`<th scope="row"${rows > 1 ? html` rowspan="${rows}"` : null}><a href="#${context.anchorOf(measure)}">${measure.title}</a></th>`;
  const last = (rows: number) =>
    anyShares &&
    html`<td class="carrier" data-head="Carried most:"${rows > 1 && html` rowspan="${rows}"`}>${carrier(context, measure)}</td>`;
  if (contrasts.length === 0) {
    const compared = measure.contrasts.length;
    const times = tally(measure.contrasts).map(
      (entry) =>
        html`<span class="tally">${verdictShape(entry.verdict)} ${entry.times} ${entry.verdict}</span>`,
    );
    const words =
      compared === 0
        ? 'Nothing was compared.'
        : html`${counted(compared, 'pair')} of stages: ${joined(times, ', ')}`;
    return html`<tr>${name(1)}<td colspan="${columns}">${words}</td>${last(1)}</tr>\n`;
  }
  const notation = context.notationOf(measure);
  return html`${contrasts.map((contrast, row) => {
    const place = ['difference', measure.contrasts.indexOf(contrast)] as const;
    return html`<tr>${row === 0 ? name(contrasts.length) : null}${pairs && html`<td class="pair">${pairInWords(context, contrast)}</td>`}<td>${verdictMark(contrast.verdict)}</td><td class="n">${
      contrast.difference === null
        ? '—'
        : computedLink(context, measure, place, notation.changeInWords(contrast.difference))
    }</td>${
      contrast.interval === null
        ? html`<td class="n">—</td>`
        : html`<td class="n" data-head="95%">${computedLink(context, measure, place, notation.changeInterval(contrast.interval))}</td>`
    }${row === 0 && last(contrasts.length)}</tr>\n`;
  })}`;
}

/** The stage with the largest share of the whole change, or that nobody can say. */
function carrier(context: PageContext, measure: MeasureFindings): Content {
  const { shares } = measure;
  if (shares === undefined) return NONE;
  const most = shares.parts.reduce((a, b) => ((b.share ?? 0) > (a.share ?? 0) ? b : a), shares.parts[0]!);
  if (!shares.identified || most === undefined || most.share === null) {
    return computedLink(context, measure, ['shares'], 'share not identified');
  }
  const interval = most.interval === null ? '' : ` ${percentInterval(most.interval)}`;
  return html`${context.stageOf(most.to).title} ${computedLink(context, measure, ['shares'], `${percent(most.share)}${interval}`)}`;
}

/** What the verdicts mean, where they are first met. */
function legend(): Markup {
  return html`<details class="aside"><summary>What the verdicts mean</summary>
<dl class="verdicts">
<div><dt>${verdictMark('equivalent')}</dt><dd>shown to differ by less than the margin: the 90% intervals lie inside it</dd></div>
<div><dt>${verdictMark('different but within the margin')}</dt><dd>a difference is shown, and shown to be smaller than the margin</dd></div>
<div><dt>${verdictMark('different')}</dt><dd>a difference is shown; whether it exceeds the margin is open</dd></div>
<div><dt>${verdictMark('materially different')}</dt><dd>shown to differ by more than the margin: the 95% interval lies wholly beyond it</dd></div>
<div><dt>${verdictMark('inconclusive')}</dt><dd>neither a difference nor sameness is shown. This is never evidence that two stages are the same</dd></div>
<div><dt>${verdictMark('not compared')}</dt><dd>the comparison would not have been fair, or there was nothing to compare</dd></div>
</dl></details>`;
}

/** One picture of everything, where there is more than one measure and it stays readable. */
function overview(context: PageContext): Markup | null {
  const { stageOf } = context;
  const headlines = overviewOf(context.findings);
  if (headlines.filter(isMeasured).length < 2 || !fitsColumns({ measures: headlines, stageOf })) return null;
  return figure(context, {
    draw: (width, id) => overviewFigure(headlines, stageOf, width, id).panel,
    alternative: headlines
      .map((measure) => estimatesInWords({ measure, stageOf, notation: context.notationOf(measure) }))
      .join(' '),
    caption: 'Every measure at every stage, with 95% intervals. Rates share one scale.',
  });
}

/** "The same on everything", a sentence a pair; of many pairs only those that are. */
function together({ findings }: PageContext): Markup | null {
  if (findings.together.length === 0) return null;
  const many = !areFew(findings.together, findings.stages);
  const same = findings.together.filter(({ equivalent }) => equivalent);
  const shown = many ? same : findings.together;
  const sentences = shown.map(
    ({ words, p }) =>
      html`<li>${words}${p !== null && html` <a class="number" href="#method-together">${pInWords(p)}</a>`}</li>`,
  );
  const rest = many
    ? html`<p>${same.length === 0 ? 'None' : String(same.length)} of the ${counted(findings.together.length, 'pair')} of stages ${same.length < 2 ? 'is' : 'are'} shown to be the same on every headline measure at once.</p>`
    : null;
  return html`<h3>All measures at once</h3>
${rest}${sentences.length > 0 ? html`<ul class="plain">${sentences}</ul>\n` : null}`;
}

/** What comparing a checkpoint with itself came to: how far the method can be trusted on these very data. */
function again(context: PageContext): Markup | null {
  const { findings } = context;
  const { again: found } = findings;
  if (found === undefined) return null;
  const rows = groupsOf(findings).flatMap(({ headline }) => {
    const notation = context.notationOf(headline);
    return (headline.again ?? []).map(
      ({ from, verdict, difference, interval }) =>
        html`<tr><th scope="row">${headline.title}</th><td>${context.stageOf(from).title}</td><td>${verdictMark(verdict)}</td><td class="n">${notation.changeInWords(difference)}</td><td class="n">${notation.changeInterval(interval)}</td></tr>\n`,
    );
  });
  const p = found.p !== null && found.different > 0 ? pInWords(found.p) : null;
  return html`<h3>The same checkpoint twice</h3>
<p>${found.words}${p !== null && html` <a class="number" href="#method-again">${p}</a>`}</p>
${table({
  caption: 'Each checkpoint against itself',
  head: ['Measure', { words: 'Checkpoint' }, { words: 'Verdict' }, 'Difference', '95% interval'],
  rows,
})}`;
}

const ROLES = { 'first-trained': 'first trained stage', production: 'production', other: null } as const;

/** Who the stages are, with the colours that they have in every figure; columns that would say nothing are left out. */
export function stages({ findings }: PageContext): Markup {
  const { stages: all } = findings;
  const named = all.some(({ id, title }) => id !== title);
  const colored = all.some(({ role }) => role !== 'other');
  const trained = all.some(({ from }) => from !== null);
  const reached = all.some(({ model }) => model !== null);
  const kinds = [...new Set(all.map(({ kind }) => kind))];
  const title = new Map(all.map((stage) => [stage.id, stage.title]));
  const row = (stage: FindingsStage, index: number) =>
    html`<tr><th scope="row" class="name">${colored && html`${swatch(stage.role, index)} `}${stage.title}</th>${
      named && html`<td class="id">${stage.id}</td>`
    }<td>${joined([stage.kind, ROLES[stage.role]].filter(Boolean), ', ')}</td>${
      trained && html`<td>${stage.from === null ? NONE : (title.get(stage.from) ?? stage.from)}</td>`
    }${reached && html`<td class="id model">${stage.model ?? NONE}</td>`}</tr>\n`;
  const heads = [named && 'Id', 'Kind', trained && 'Trained from', reached && 'Model'].filter(
    (head) => head !== false,
  );
  const body =
    named || colored || trained || reached || kinds.length > 1
      ? table({
          caption: 'The stages that were compared',
          head: ['Stage', ...heads.map((words) => ({ words }))],
          rows: all.map(row),
        })
      : html`<p>${listed(all.map(({ id }) => id))}${kinds.length === 1 && kinds[0] !== '' && ` (${kinds[0]})`}.</p>\n`;
  return html`<section aria-labelledby="stages">
<h2 id="stages">Stages</h2>
${body}</section>
`;
}

function swatch(role: 'first-trained' | 'production' | 'other', index: number): Markup {
  const id = `swatch-${index}`;
  const style = role === 'first-trained' ? 'first' : role;
  const pattern =
    role === 'production'
      ? html`${hatch(id)}<rect fill="url(#${id}-hatch)" x="0.5" y="0.5" width="21" height="11"/>`
      : null;
  return html`<svg class="f swatch" width="22" height="12" viewBox="0 0 22 12" aria-hidden="true"><rect class="bar ${style}" x="0.5" y="0.5" width="21" height="11"/>${pattern}</svg>`;
}

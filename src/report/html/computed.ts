import type {
  Contrast,
  CorrectedFindings,
  CorrectedShareFindings,
  MeasureFindings,
  ShareFindings,
  StageEstimate,
} from '../../findings/findings.ts';
import {
  type Content,
  coefficient,
  count,
  counted,
  fixed,
  html,
  joined,
  listed,
  type Markup,
  type Notation,
  percent,
  percentInterval,
  pInWords,
} from '../../format/index.ts';
import { METHODS } from '../methods.ts';
import { hasMissing, REASONS, robustness } from '../missingness.ts';
import { areFew } from '../outline.ts';
import { type Computed, computedAnchor, type PageContext } from './page-context.ts';

/** The end of the report, where every number leads: first the methods, then each measure's numbers one by one. */
export function howComputed(context: PageContext): Markup {
  const { findings } = context;
  const used = METHODS.filter((method) => method.used(findings));
  return html`<section class="computed" aria-labelledby="computed">
<h2 id="computed">How it was computed</h2>
<h3>Methods</h3>
<dl class="methods">
${used.map(({ id, name, words, source }) => html`<div id="method-${id}"><dt>${name}</dt><dd>${words} <cite>${source}</cite></dd></div>\n`)}</dl>
<h3>Numbers</h3>
${findings.measures.map((measure) => numbersOf(context, measure))}</section>
`;
}

/** A link to a method. */
function by(id: string, content: Content): Markup {
  return html`<a href="#method-${id}">${content}</a>`;
}

function numbersOf(context: PageContext, measure: MeasureFindings): Markup {
  const anchor = context.anchorOf(measure);
  const entries = [
    ...measure.stages.map((stage, index) => estimateEntry(context, measure, stage, index)),
    ...measure.contrasts.map((contrast, index) => differenceEntry(context, measure, contrast, index)),
    sharesEntry(context, measure, measure.shares, ['shares', 'What each stage carried']),
    missingEntry(context, measure),
    ...correctedEntries(context, measure),
    sharesEntry(context, measure, measure.corrected?.shares, [
      'corrected-shares',
      'What each stage carried, corrected',
    ]),
    agreementEntry(context, measure),
  ].filter((entry) => entry !== null);
  const shown = measure.headline && areFew(measure.contrasts, measure.stages);
  return html`<details class="numbers${shown && ' printed'}"${shown && !context.long && html` open`}><summary><h4>${measure.title}, rated by ${context.raterTitle(measure.rater)}</h4></summary>
<p><a href="#${anchor}">Back to ${measure.title}</a></p>
<dl>
${entries}</dl></details>
`;
}

/** An entry: what, and the facts that made it, each a phrase; `null` for what is not there. */
function entry(
  context: PageContext,
  measure: MeasureFindings,
  [what, index]: readonly [Computed, number?],
  name: Content,
  facts: readonly (Content | null)[],
): Markup {
  const said = facts.filter((fact) => fact !== null && fact !== undefined && fact !== false && fact !== '');
  return html`<div id="${computedAnchor(context, measure, what, index)}"><dt>${name}</dt><dd>${joined(said, '; ')}.</dd></div>\n`;
}

function estimateEntry(
  context: PageContext,
  measure: MeasureFindings,
  stage: StageEstimate,
  index: number,
): Markup {
  const notation = context.notationOf(measure);
  const name = context.stageOf(stage.id).title;
  const trials = `${counted(stage.trials, 'trial')} with a value${stage.events === undefined ? '' : `, ${count(stage.events)} of them 1`}`;
  const samples = html`${trials}, averaged to ${counted(stage.n, 'sample')} in ${by('clusters', counted(stage.clusters, 'cluster'))}`;
  if (stage.estimate === null)
    return entry(context, measure, ['estimate', index], name, ['not measured', stage.why, samples]);
  return entry(context, measure, ['estimate', index], name, [
    html`${notation.exactly.value(stage.estimate)}${stage.interval && html`, 95% interval ${by(measure.kind, notation.exactly.interval(stage.interval))}`}`,
    stage.why,
    `method: ${stage.method}`,
    samples,
    stage.standardError !== null &&
      `standard error ${se(notation, stage.standardError)} (CR2)${degrees(stage.degreesOfFreedom)}`,
    stage.effectiveN !== null && `effective n ${fixed(stage.effectiveN, 1)}`,
    stage.atMost !== undefined && html`${by('at-most', 'at most')} ${notation.exactly.value(stage.atMost)}`,
    stage.bootstrap &&
      html`${by('bootstrap', 'bootstrap')} interval ${notation.exactly.interval(stage.bootstrap.interval)}, ${counted(stage.bootstrap.resamples, 'resample')}`,
  ]);
}

function differenceEntry(
  context: PageContext,
  measure: MeasureFindings,
  contrast: Contrast,
  index: number,
): Markup {
  const notation = context.notationOf(measure);
  const { unpaired, changed, tango, signFlip, difference } = contrast;
  const name = `${context.stageOf(contrast.from).title} → ${context.stageOf(contrast.to).title}`;
  const alone = unpaired.from + unpaired.to;
  const samples = html`${counted(contrast.n, 'shared sample')} in ${by('clusters', counted(contrast.clusters, 'cluster'))}${
    alone > 0 &&
    ` (left out: ${count(unpaired.from)} with a value in the earlier stage alone, ${count(unpaired.to)} in the later)`
  }`;
  const verdict = html`${by('equivalence', contrast.verdict)} at a margin of ±${notation.size(contrast.margin)}${contrast.marginSource === 'post hoc' && ', chosen after the data were seen'}`;
  if (difference === null)
    return entry(context, measure, ['difference', index], name, [contrast.verdict, contrast.why, samples]);
  return entry(context, measure, ['difference', index], name, [
    contrast.words.replace(/\.$/, ''),
    html`${notation.exactly.change(difference)}${notation.unit && ` ${notation.unit}`}${contrast.interval && html`, 95% interval ${by('difference', notation.exactly.changeInterval(contrast.interval))}`}${
      contrast.interval90 && `, 90% interval ${notation.exactly.changeInterval(contrast.interval90)}`
    }`,
    verdict,
    contrast.why,
    `method: ${contrast.method}`,
    samples,
    changed && `${count(changed.up)} rose, ${count(changed.down)} fell`,
    contrast.standardError !== null &&
      `standard error ${se(notation, contrast.standardError)} (CR2)${degrees(contrast.degreesOfFreedom)}`,
    tango &&
      html`${by('tango', 'Tango')} 95% ${notation.exactly.changeInterval(tango.interval)}, 90% ${notation.exactly.changeInterval(tango.interval90)}`,
    contrast.pEquivalence !== null && html`equivalence ${by('equivalence', pInWords(contrast.pEquivalence))}`,
    contrast.smallestMargin !== null && `smallest margin shown ±${notation.size(contrast.smallestMargin)}`,
    contrast.pDifference !== null && `no difference: ${pInWords(contrast.pDifference)}`,
    contrast.pHolm !== undefined && html`${by('adjusted', 'Holm')} ${pInWords(contrast.pHolm)}`,
    contrast.pBH !== undefined && html`${by('adjusted', 'Benjamini–Hochberg')} ${pInWords(contrast.pBH)}`,
    contrast.mcnemarMidP !== undefined &&
      html`${by('permutation', 'McNemar mid-p')} ${pInWords(contrast.mcnemarMidP)}`,
    signFlip &&
      html`${by('permutation', 'sign-flip')} ${pInWords(signFlip.p)} (${signFlip.exhaustive ? 'all' : 'random'} ${counted(signFlip.flips, 'flip')})`,
    hasMissing(measure) &&
      contrast.worstCase &&
      html`${by('missing', 'worst case')} ${notation.exactly.changeInterval(contrast.worstCase)}`,
  ]);
}

function sharesEntry(
  context: PageContext,
  measure: MeasureFindings,
  shares: ShareFindings | undefined,
  [what, name]: readonly ['shares' | 'corrected-shares', string],
): Markup | null {
  if (shares === undefined) return null;
  const notation = context.notationOf(measure);
  const parts = shares.parts.map(
    (part) =>
      `${context.stageOf(part.to).title} ${notation.exactly.change(part.change)} ${notation.exactly.changeInterval(part.changeInterval)}${
        part.share === null ? '' : `, share ${fixed(part.share * 100, 1)}%`
      }, ${pInWords(part.carried.p)} for less than ${percent(part.carried.atLeast)}`,
  );
  return entry(context, measure, [what], name, [
    html`${by('shares', shares.identified ? 'shares of the whole change' : 'shares not identified')}${shares.why && `: ${shares.why}`}`,
    shares.total !== null &&
      `whole change ${notation.exactly.change(shares.total)} ${notation.exactly.changeInterval(shares.totalInterval)}`,
    html`${counted(shares.n, 'sample')} with a value at every stage, in ${by('clusters', counted(shares.clusters, 'cluster'))}`,
    ...(isCorrected(shares) ? labelFacts(shares) : []),
    ...parts,
  ]);
}

function isCorrected(shares: ShareFindings | CorrectedShareFindings): shares is CorrectedShareFindings {
  return 'labels' in shares;
}

/** What corrected shares rest on. */
function labelFacts({ labels, disagreements, lambdas, remark }: CorrectedShareFindings): (Content | null)[] {
  return [
    html`${by('corrected', 'corrected')} by ${counted(labels, 'label')} at the stage that has fewest, ${counted(disagreements, 'disagreement')} in all stages together`,
    lambdas && `λ by stage ${lambdas.map((lambda) => fixed(lambda, 3)).join(', ')}`,
    remark ?? null,
  ];
}

function missingEntry(context: PageContext, measure: MeasureFindings): Markup | null {
  const notation = context.notationOf(measure);
  const lost = measure.stages.filter(({ missing }) => missing.trials > 0);
  if (lost.length === 0) return null;
  const stages = lost.map(({ id, missing }) => {
    const reasons = REASONS.filter(([reason]) => (missing[reason] ?? 0) > 0).map(
      ([reason, words]) => `${count(missing[reason] ?? 0)} ${words}`,
    );
    const worst =
      missing.worstCase === null ? '' : `, worst case ${notation.exactly.interval(missing.worstCase)}`;
    return `${context.stageOf(id).title} lacks ${count(missing.trials)} (${listed(reasons)})${worst}`;
  });
  const stands = robustness(measure, (id) => context.stageOf(id).title).replace(/\.$/, '');
  return entry(context, measure, ['missing'], 'Missing values', [
    html`${by('missing', 'worst case')} by stage`,
    ...stages,
    stands[0]!.toLowerCase() + stands.slice(1),
  ]);
}

function correctedEntries(context: PageContext, measure: MeasureFindings): Markup[] {
  const found = measure.corrected;
  if (found === undefined) return [];
  return [
    ...found.stages.map((stage, index) => correctedEntry(context, measure, found, stage, index)),
    ...found.contrasts.map((contrast, index) => correctedDifferenceEntry(context, measure, contrast, index)),
  ];
}

function correctedEntry(
  context: PageContext,
  measure: MeasureFindings,
  found: CorrectedFindings,
  stage: CorrectedFindings['stages'][number],
  index: number,
): Markup {
  const notation = context.notationOf(measure);
  const { roganGladen, sensitivity, specificity } = stage;
  return entry(context, measure, ['corrected', index], `${context.stageOf(stage.id).title}, corrected`, [
    html`${notation.exactly.value(stage.estimate)}${stage.interval && html`, 95% interval ${by('corrected', notation.exactly.interval(stage.interval))}`}`,
    `as rated ${notation.exactly.value(stage.raw)}`,
    `method: ${stage.why ?? found.method}`,
    `${counted(stage.labels, 'label')} by ${context.raterTitle(found.human)}, ${counted(stage.disagreements, 'disagreement')}`,
    stage.lambda !== null && `λ = ${fixed(stage.lambda, 3)}`,
    sensitivity !== null &&
      html`${by('accuracy', 'sensitivity')} ${percent(sensitivity)} ${stage.sensitivityInterval && percentInterval(stage.sensitivityInterval)}`,
    specificity !== null &&
      html`${by('accuracy', 'specificity')} ${percent(specificity)} ${stage.specificityInterval && percentInterval(stage.specificityInterval)}`,
    roganGladen &&
      html`by ${by('accuracy', 'these alone')} (Rogan–Gladen) ${notation.exactly.value(roganGladen.estimate)} ${notation.exactly.interval(roganGladen.interval)}`,
  ]);
}

function correctedDifferenceEntry(
  context: PageContext,
  measure: MeasureFindings,
  contrast: CorrectedFindings['contrasts'][number],
  index: number,
): Markup {
  const notation = context.notationOf(measure);
  const unit = notation.unit ? ` ${notation.unit}` : '';
  const { meanErrors } = contrast;
  return entry(
    context,
    measure,
    ['corrected-difference', index],
    `${context.stageOf(contrast.from).title} → ${context.stageOf(contrast.to).title}, corrected`,
    [
      html`${notation.exactly.change(contrast.difference)}${unit}${contrast.interval && html`, 95% interval ${by('corrected', notation.exactly.changeInterval(contrast.interval))}`}`,
      html`${by('equivalence', contrast.verdict)}`,
      contrast.why,
      meanErrors &&
        `the rater's mean error is ${notation.exactly.change(meanErrors.from)}${unit} in the earlier stage, ${notation.exactly.change(meanErrors.to)}${unit} in the later`,
      contrast.errorDifference !== null &&
        html`they differ by ${notation.exactly.change(contrast.errorDifference)}${unit} ${notation.exactly.changeInterval(contrast.errorInterval)}${contrast.errorP !== null && `, ${pInWords(contrast.errorP)}`}`,
    ],
  );
}

function agreementEntry(context: PageContext, measure: MeasureFindings): Markup | null {
  const { agreement } = measure;
  if (agreement === undefined) return null;
  const pairs = Map.groupBy(agreement.pairs, ({ rater }) => rater);
  return entry(context, measure, ['agreement'], 'Agreement of the raters', [
    html`${by('agreement', 'Krippendorff’s alpha')} (${agreement.level}) ${coefficientExactly(agreement.alpha)}`,
    agreement.ac1 !== null && `AC1 ${coefficientExactly(agreement.ac1)}`,
    `${counted(agreement.units, 'trial')} that at least two of ${listed(agreement.raters.map(context.raterTitle))} rated`,
    ...[...pairs].map(([rater, stages]) => {
      const said = stages.map(
        ({ stage, n, agreement: same, kappa }) =>
          `${context.stageOf(stage).title} ${percent(same)} of ${count(n)}${kappa === null ? '' : ` (κ ${coefficient(kappa)})`}`,
      );
      return `${context.raterTitle(rater)}: ${said.join(', ')}`;
    }),
  ]);
}

function coefficientExactly(x: number | null): string {
  return x === null ? 'not defined' : fixed(x, 4);
}

function se(notation: Notation, standardError: number): string {
  return notation.exactly.size(standardError);
}

function degrees(df: number | null): string {
  return df === null ? '' : ` with ${fixed(df, 1)} degrees of freedom`;
}

import type { Contrast, ShareFindings, StageEstimate } from '../../findings/contrast-findings.ts';
import type { MeasureFindings } from '../../findings/findings.ts';
import type { CorrectedFindings, CorrectedShareFindings } from '../../findings/label-findings.ts';
import { branchesOf } from '../../findings/lineage.ts';
import {
  coefficient,
  count,
  counted,
  equivalenceP,
  fixed,
  listed,
  percent,
  percentInterval,
  pInWords,
} from '../../format/index.ts';
import { areFew } from '../outline.ts';
import { type Block, heading, joinTexts, paragraph, type Text, type TextSpan, text } from './block.ts';
import { METHODS } from './methods.ts';
import { hasMissing, lostBy, robustness } from './missing.ts';
import { type Computed, type MeasureScope, measureScope, type Scope } from './scope.ts';
import { setting } from './setting.ts';
import { ofChain } from './shares.ts';

/** The end of the report, where every number leads: first the methods, then each measure's numbers one by one. */
export function howComputed(scope: Scope): Block[] {
  const used = METHODS.filter((method) => method.used(scope.findings));
  return [
    heading(2, 'How it was computed', { id: 'computed', contents: true }),
    ...setting(scope),
    heading(3, 'Methods'),
    ...used.map(({ id, name, words, source }) =>
      paragraph(text`${words} ${{ text: source, style: 'soft' }}`, { term: name, id: `method-${id}` }),
    ),
    heading(3, 'Numbers'),
    ...scope.findings.measures.map((measure) => numbersOf(measureScope(scope, measure))),
  ];
}

/** A number or a name that leads to its method. */
function by(method: string, words: string): TextSpan {
  return { text: words, to: `method-${method}` };
}

function numbersOf(scope: MeasureScope): Block {
  const { measure, anchorOf, raterTitle, long } = scope;
  const shown = measure.headline && areFew(measure.contrasts, measure.stages);
  const entries = [
    ...measure.stages.map((stage, index) => estimateEntry(scope, stage, index)),
    ...measure.contrasts.map((contrast, index) => differenceEntry(scope, contrast, index)),
    ...branchesOf(measure).flatMap((found, index) =>
      sharesEntry(scope, found, 'shares', `What each stage carried${ofChain(scope, found)}`, index),
    ),
    ...missingEntry(scope),
    ...(measure.corrected ? correctedEntries(scope, measure.corrected) : []),
    ...branchesOf(measure.corrected ?? {}).flatMap((found, index) =>
      sharesEntry(
        scope,
        found,
        'corrected-shares',
        `What each stage carried${ofChain(scope, found)}, corrected`,
        index,
      ),
    ),
    ...agreementEntry(scope),
  ];
  return {
    kind: 'fold',
    heading: true,
    summary: `${measure.title}, rated by ${raterTitle(measure.rater)}`,
    ...(shown ? { printed: true } : {}),
    ...(shown && !long ? { open: true } : {}),
    blocks: [paragraph([{ text: `Back to ${measure.title}`, to: anchorOf(measure) }]), ...entries],
  };
}

type Fact = Text | TextSpan | null | undefined | false;

/** An entry: what, and the facts that made it, each a phrase. What is not there is left out. */
function entry(
  scope: MeasureScope,
  what: Computed,
  term: string,
  facts: readonly Fact[],
  index?: number,
): Block {
  return paragraph(text`${joinTexts(facts, '; ')}.`, { term, id: scope.computedId(what, index) });
}

function estimateEntry(scope: MeasureScope, stage: StageEstimate, index: number): Block {
  const { notation, name, measure } = scope;
  const { exactly } = notation;
  const ones = stage.events === undefined ? '' : `, ${count(stage.events)} of them 1`;
  const samples = text`${counted(stage.trials, 'trial')} with a value${ones}, averaged to ${counted(stage.n, 'sample')} in ${by('clusters', counted(stage.clusters, 'cluster'))}`;
  const facts =
    stage.estimate === null
      ? ['not measured', stage.why, samples]
      : [
          text`${exactly.value(stage.estimate)}${stage.interval && text`, 95% interval ${by(measure.kind, exactly.interval(stage.interval))}`}`,
          stage.why,
          `method: ${stage.method}`,
          samples,
          standardError(scope, stage),
          stage.effectiveN !== null && `effective n ${fixed(stage.effectiveN, 1)}`,
          stage.atMost !== undefined && text`${by('at-most', 'at most')} ${exactly.value(stage.atMost)}`,
          stage.bootstrap &&
            text`${by('bootstrap', 'bootstrap')} interval ${exactly.interval(stage.bootstrap.interval)}, ${counted(stage.bootstrap.resamples, 'resample')}`,
          stage.raw &&
            `as rated ${exactly.value(stage.raw.estimate)}${stage.raw.interval === null ? '' : ` ${exactly.interval(stage.raw.interval)}`}`,
        ];
  return entry(scope, 'estimate', name(stage.id), facts, index);
}

function standardError(
  { notation }: MeasureScope,
  found: Pick<StageEstimate, 'standardError' | 'degreesOfFreedom'>,
): Fact {
  if (found.standardError === null) return null;
  const df =
    found.degreesOfFreedom === null ? '' : ` with ${fixed(found.degreesOfFreedom, 1)} degrees of freedom`;
  return `standard error ${notation.exactly.size(found.standardError)} (CR2)${df}`;
}

function differenceEntry(scope: MeasureScope, contrast: Contrast, index: number): Block {
  const { notation, pair, name, measure } = scope;
  const { exactly } = notation;
  const { unpaired, changed, tango, signFlip, difference } = contrast;
  const left =
    unpaired.from + unpaired.to > 0
      ? ` (left out: ${count(unpaired.from)} with a value in ${name(contrast.from)} alone, ${count(unpaired.to)} in ${name(contrast.to)})`
      : '';
  const samples = text`${counted(contrast.n, 'shared sample')} in ${by('clusters', counted(contrast.clusters, 'cluster'))}${left}`;
  const facts: readonly Fact[] =
    difference === null
      ? [contrast.verdict, contrast.why, samples]
      : [
          contrast.words.replace(/\.$/, ''),
          text`${exactly.changeInWords(difference)}${contrast.interval && text`, 95% interval ${by('difference', exactly.changeInterval(contrast.interval))}`}${
            contrast.interval90 && `, 90% interval ${exactly.changeInterval(contrast.interval90)}`
          }`,
          text`${by('equivalence', contrast.verdict)} at a margin of ±${notation.size(contrast.margin)}${contrast.marginSource === 'post hoc' && ', chosen after the data were seen'}`,
          contrast.why,
          `method: ${contrast.method}`,
          samples,
          changed && `${count(changed.up)} rose, ${count(changed.down)} fell`,
          contrast.runs &&
            text`${by('runs', 'training runs')} ${contrast.runs.values.map((value) => exactly.change(value)).join(', ')}, standard deviation ${exactly.size(contrast.runs.standardDeviation)}`,
          contrast.pFamily !== undefined &&
            text`with the whole ${by('adjusted', 'family')} counted ${pInWords(contrast.pFamily)}`,
          standardError(scope, contrast),
          tango &&
            text`${by('tango', 'Tango')} 95% ${exactly.changeInterval(tango.interval)}, 90% ${exactly.changeInterval(tango.interval90)}`,
          contrast.pEquivalence !== null &&
            text`equivalence ${by('equivalence', equivalenceP(contrast.pEquivalence) === 'not shown' ? 'not shown' : pInWords(contrast.pEquivalence))}`,
          contrast.smallestMargin !== null &&
            `smallest margin shown ±${notation.size(contrast.smallestMargin)}`,
          contrast.pDifference !== null && `no difference: ${pInWords(contrast.pDifference)}`,
          contrast.pHolm !== undefined && text`${by('adjusted', 'Holm')} ${pInWords(contrast.pHolm)}`,
          contrast.pBH !== undefined &&
            text`${by('adjusted', 'Benjamini–Hochberg')} ${pInWords(contrast.pBH)}`,
          contrast.mcnemarMidP !== undefined &&
            text`${by('permutation', 'McNemar mid-p')} ${pInWords(contrast.mcnemarMidP)}`,
          signFlip &&
            text`${by('permutation', 'sign-flip')} ${pInWords(signFlip.p)} (${signFlip.exhaustive ? 'all' : 'random'} ${counted(signFlip.flips, 'flip')})`,
          contrast.lostAnswers &&
            text`95% interval over all that the ${by('missing', 'missing')} answers could have been ${exactly.changeInterval(contrast.lostAnswers.interval)}${
              contrast.lostAnswers.tippingPoint &&
              `, and another verdict if they were on average ${exactly.value(contrast.lostAnswers.tippingPoint.from)} in ${name(contrast.from)} and ${exactly.value(contrast.lostAnswers.tippingPoint.to)} in ${name(contrast.to)}`
            }`,
          hasMissing(measure) &&
            contrast.worstCase &&
            text`${by('missing', 'worst case')} ${exactly.changeInterval(contrast.worstCase)}`,
        ];
  return entry(scope, 'difference', pair(contrast), facts, index);
}

function sharesEntry(
  scope: MeasureScope,
  found: ShareFindings | CorrectedShareFindings,
  what: 'shares' | 'corrected-shares',
  term: string,
  index: number,
): Block[] {
  const { name, notation } = scope;
  const { exactly } = notation;
  const parts = found.parts.map(
    (part) =>
      `${name(part.to)} ${exactly.change(part.change)} ${exactly.changeInterval(part.changeInterval)}${
        part.share === null ? '' : `, share ${fixed(part.share * 100, 1)}%`
      }, ${pInWords(part.carried.p)} for less than ${percent(part.carried.atLeast)}`,
  );
  const facts: readonly Fact[] = [
    text`${by('shares', found.identified ? 'shares of the whole change' : 'shares not identified')}${found.why && `: ${found.why}`}`,
    found.total !== null &&
      `whole change ${exactly.change(found.total)} ${exactly.changeInterval(found.totalInterval)}`,
    text`${counted(found.n, 'sample')} with a value at every stage, in ${by('clusters', counted(found.clusters, 'cluster'))}`,
    ...('labels' in found ? labelFacts(found) : []),
    ...parts,
  ];
  return [entry(scope, what, term, facts, index)];
}

/** What corrected shares rest on. */
function labelFacts({ labels, disagreements, lambdas, remark }: CorrectedShareFindings): Fact[] {
  return [
    text`${by('corrected', 'corrected')} by ${counted(labels, 'label')} at the stage that has fewest, ${counted(disagreements, 'disagreement')} in all stages together`,
    lambdas && `λ by stage ${lambdas.map((lambda) => fixed(lambda, 3)).join(', ')}`,
    remark,
  ];
}

function missingEntry(scope: MeasureScope): Block[] {
  const { measure, notation, name } = scope;
  const lost = measure.stages.filter(({ missing }) => missing.trials > 0);
  if (lost.length === 0) return [];
  const stages = lost.map(({ id, missing }) => {
    const reasons = lostBy(missing).map(({ words, times }) => `${count(times)} ${words}`);
    const worst =
      missing.worstCase === null ? '' : `, worst case ${notation.exactly.interval(missing.worstCase)}`;
    return `${name(id)} lacks ${count(missing.trials)} (${listed(reasons)})${worst}`;
  });
  const stands = robustness(measure, scope.pair).replace(/\.$/, '');
  return [
    entry(scope, 'missing', 'Missing values', [
      text`${by('missing', 'worst case')} by stage`,
      ...stages,
      stands[0]!.toLowerCase() + stands.slice(1),
    ]),
  ];
}

function correctedEntries(scope: MeasureScope, found: CorrectedFindings): Block[] {
  return [
    ...found.stages.map((stage, index) => correctedEntry(scope, found, stage, index)),
    ...found.contrasts.map((contrast, index) => correctedDifferenceEntry(scope, contrast, index)),
  ];
}

function correctedEntry(
  scope: MeasureScope,
  found: CorrectedFindings,
  stage: CorrectedFindings['stages'][number],
  index: number,
): Block {
  const { notation, name, raterTitle } = scope;
  const { exactly } = notation;
  const { roganGladen, sensitivity, specificity } = stage;
  const accuracy = (
    what: string,
    share: number | null,
    interval: CorrectedFindings['stages'][number]['interval'],
  ): Fact =>
    share !== null &&
    text`${by('accuracy', what)} ${percent(share)} ${interval && percentInterval(interval)}`;
  const facts: readonly Fact[] = [
    text`${exactly.value(stage.estimate)}${stage.interval && text`, 95% interval ${by('corrected', exactly.interval(stage.interval))}`}`,
    `as rated ${exactly.value(stage.raw)}`,
    `method: ${stage.why ?? found.method}`,
    `${counted(stage.labels, 'label')} by ${raterTitle(found.labeller)}, ${counted(stage.disagreements, 'disagreement')}`,
    stage.lambda !== null && `λ = ${fixed(stage.lambda, 3)}`,
    accuracy('sensitivity', sensitivity, stage.sensitivityInterval),
    accuracy('specificity', specificity, stage.specificityInterval),
    roganGladen &&
      text`by ${by('accuracy', 'these alone')} (Rogan–Gladen) ${exactly.value(roganGladen.estimate)} ${exactly.interval(roganGladen.interval)}`,
  ];
  return entry(scope, 'corrected', `${name(stage.id)}, corrected`, facts, index);
}

function correctedDifferenceEntry(
  scope: MeasureScope,
  contrast: CorrectedFindings['contrasts'][number],
  index: number,
): Block {
  const { exactly } = scope.notation;
  const { meanErrors, interval } = contrast;
  const facts: readonly Fact[] = [
    text`${exactly.changeInWords(contrast.difference)}${interval && text`, 95% interval ${by('corrected', exactly.changeInterval(interval))}`}`,
    by('equivalence', contrast.verdict),
    contrast.why,
    meanErrors &&
      `the rater's mean error is ${exactly.changeInWords(meanErrors.from)} in ${scope.name(contrast.from)}, ${exactly.changeInWords(meanErrors.to)} in ${scope.name(contrast.to)}`,
    contrast.errorDifference !== null &&
      `they differ by ${exactly.changeInWords(contrast.errorDifference)} ${exactly.changeInterval(contrast.errorInterval)}${contrast.errorP === null ? '' : `, ${pInWords(contrast.errorP)}`}`,
  ];
  return entry(scope, 'corrected-difference', `${scope.pair(contrast)}, corrected`, facts, index);
}

function agreementEntry(scope: MeasureScope): Block[] {
  const { agreement }: Pick<MeasureFindings, 'agreement'> = scope.measure;
  if (agreement === undefined) return [];
  const exact = (x: number | null) => (x === null ? 'not defined' : fixed(x, 4));
  const pairs = [...Map.groupBy(agreement.pairs, ({ rater }) => rater)].map(([rater, stages]) => {
    const said = stages.map(
      ({ stage, n, agreement: same, kappa }) =>
        `${scope.name(stage)} ${percent(same)} of ${count(n)}${kappa === null ? '' : ` (κ ${coefficient(kappa)})`}`,
    );
    return `${scope.raterTitle(rater)}: ${said.join(', ')}`;
  });
  return [
    entry(scope, 'agreement', 'Agreement of the raters', [
      text`${by('agreement', 'Krippendorff’s alpha')} (${agreement.level}) ${exact(agreement.alpha)}`,
      agreement.ac1 !== null && `AC1 ${exact(agreement.ac1)}`,
      `${counted(agreement.units, 'trial')} that at least two of ${listed(agreement.raters.map(scope.raterTitle))} rated`,
      ...pairs,
    ]),
  ];
}

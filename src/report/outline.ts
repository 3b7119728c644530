import type { Contrast, Verdict } from '../findings/contrast-findings.ts';
import type { Findings, FindingsStage, MeasureFindings } from '../findings/findings.ts';
import { onOneChain } from '../findings/lineage.ts';
import { VERDICTS } from '../stats/index.ts';

/** One measure as the headline rater sees it, and as the others do. */
export interface MeasureGroup {
  readonly headline: MeasureFindings;
  readonly others: readonly MeasureFindings[];
}

/**
 * Whether comparisons are few enough to be listed one by one. All pairs of up to four stages are, and what a chain of any
 * length compares (each step, and its ends); all pairs of more stages are better a matrix.
 */
export function areFew(comparisons: readonly unknown[], stages: readonly unknown[]): boolean {
  return comparisons.length <= Math.max(6, stages.length + 1);
}

/** From the most alike to the least, and then what is not known. */
export const VERDICT_ORDER: readonly Verdict[] = [...VERDICTS, 'not compared'];

/**
 * A shape for each verdict, the same in figures and in text: full where a claim is shown, a disc for the same, a square for
 * another. No colour of praise or blame: a material difference may be the safer.
 */
export const VERDICT_SHAPES: Readonly<Record<Verdict, string>> = {
  equivalent: '●',
  'different but within the margin': '○',
  different: '□',
  'materially different': '■',
  'not less safe': '▷',
  inconclusive: '◇',
  'not compared': '–',
};

/** What one picture of everything shows: the headline measures, without the controls that only qualify them. */
export function overviewOf(findings: Findings): MeasureFindings[] {
  const headlines = groupsOf(findings).map((group) => group.headline);
  const wanted = headlines.filter(({ control }) => !control);
  return wanted.length > 0 ? wanted : headlines;
}

/** Whether any stage has a value. */
export function isMeasured({ stages }: Pick<MeasureFindings, 'stages'>): boolean {
  return stages.some(({ estimate }) => estimate !== null);
}

/** Whether any two stages have a difference. */
export function isCompared({ contrasts }: Pick<MeasureFindings, 'contrasts'>): boolean {
  return contrasts.some(({ difference }) => difference !== null);
}

/** The measures in the order of the findings; without a headline rater, the first rater's values lead. */
export function groupsOf(findings: Findings): MeasureGroup[] {
  const byMeasure = Map.groupBy(findings.measures, (measure) => `${measure.eval}/${measure.id}`);
  return [...byMeasure.values()].map((views) => {
    const headline = views.find((view) => view.headline) ?? views[0]!;
    return { headline, others: views.filter((view) => view !== headline) };
  });
}

/** Stages by id; an id that the findings do not describe stands for itself. */
export function stageFinder(findings: Findings): (id: string) => FindingsStage {
  const stages = new Map(findings.stages.map((stage) => [stage.id, stage]));
  return (id) => stages.get(id) ?? { id, title: id, kind: '', from: null, model: null, role: 'other' };
}

/**
 * The contrasts that answer the question by themselves: in every chain the first trained stage against the last one, and
 * where the stages branch, those that are beside each other; otherwise all of them. None if they are too many to be listed.
 */
export function mainContrasts(findings: Findings, measure: MeasureFindings): readonly Contrast[] {
  const { chains, stages } = findings;
  const ends = chains.flatMap((chain) => {
    const first = chain.find((id) =>
      stages.some((stage) => stage.id === id && stage.role === 'first-trained'),
    );
    return first === undefined ? [] : [{ from: first, to: chain.at(-1)! }];
  });
  const main = measure.contrasts.filter(
    ({ from, to }) =>
      ends.some((pair) => pair.from === from && pair.to === to) ||
      (chains.length > 0 && !onOneChain(chains, { from, to })),
  );
  const few = main.length > 0 ? main : measure.contrasts;
  return areFew(few, measure.stages) ? few : [];
}

/**
 * Why comparisons were refused or have no interval, each reason once: for all of them, or with the pairs that it holds for.
 */
export function reasonsBehind(
  contrasts: readonly Contrast[],
  pairOf: (contrast: Contrast) => string,
): string[] {
  return reasons(contrasts, pairOf);
}

/** The same of stages: why they have no estimate, or what it rests on. */
export function reasonsAt(
  stages: readonly { readonly id: string; readonly why?: string }[],
  nameOf: (id: string) => string,
): string[] {
  return reasons(stages, ({ id }) => nameOf(id));
}

function reasons<T extends { readonly why?: string }>(
  all: readonly T[],
  named: (one: T) => string,
): string[] {
  // Several reasons of one are parted by semicolons; each may be shared by others.
  const given = all.flatMap((one) => (one.why?.split('; ') ?? []).map((why) => ({ one, why })));
  return [...Map.groupBy(given, ({ why }) => why)].map(([why, group]) => {
    if (group.length === all.length) return `${why[0]?.toUpperCase() ?? ''}${why.slice(1)}.`;
    return `${group.map(({ one }) => named(one)).join('; ')}: ${why}.`;
  });
}

/** How often each verdict was reached, in the order of VERDICT_ORDER, without those that never were. */
export function verdictCounts(
  contrasts: readonly Contrast[],
): { readonly verdict: Verdict; readonly times: number }[] {
  return VERDICT_ORDER.map((verdict) => ({
    verdict,
    times: contrasts.filter((contrast) => contrast.verdict === verdict).length,
  })).filter(({ times }) => times > 0);
}

/** The measure's id and, where several raters rated, who: what names it in a list of files or links. */
function slugOf(measure: MeasureFindings): string {
  return `${measure.id}--${measure.rater}`.replace(/[^A-Za-z0-9.+-]+/g, '-').replace(/^[-.]+|-+$/g, '');
}

/** A different, stable name for each measure, for anchors and for files. */
export function slugger(findings: Findings): (measure: MeasureFindings) => string {
  const slugs = new Map<MeasureFindings, string>();
  const taken = new Set<string>();
  for (const measure of findings.measures) {
    const slug = slugOf(measure).toLowerCase() || 'measure';
    let name = slug;
    for (let n = 2; taken.has(name); n++) name = `${slug}-${n}`;
    taken.add(name);
    slugs.set(measure, name);
  }
  return (measure) => slugs.get(measure) ?? slugOf(measure);
}

import type { Findings, FindingsStage, MeasureFindings } from '../../findings/findings.ts';
import { onOneChain } from '../../findings/lineage.ts';
import { type Notation, notationOf } from '../../format/index.ts';
import { groupsOf, slugger, stageFinder } from '../outline.ts';
import { type Block, link, type Table, type TextSpan } from './block.ts';

/** What every part of the document needs: who the stages are, how numbers are written, where they lead. */
export interface Scope {
  readonly findings: Findings;
  readonly stageOf: (id: string) => FindingsStage;
  /** A stage's title. */
  readonly name: (id: string) => string;
  /** `SFT → RL`; for stages of which neither was made from the other, `RL-B against RL-A`. */
  readonly pair: (contrast: { readonly from: string; readonly to: string }) => string;
  readonly raterTitle: (id: string) => string;
  /** The id of a measure's section; ids of what belongs to it begin with it. */
  readonly anchorOf: (measure: MeasureFindings) => string;
  /** Whether there are so many measures that what only details them is folded. */
  readonly long: boolean;
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

/** One measure of the findings as one rater sees it, with its notation. */
export interface MeasureScope extends Scope {
  readonly measure: MeasureFindings;
  readonly notation: Notation;
  /** `, points`, or nothing. */
  readonly unit: string;
  /** The id of the entry that says how a number was computed. */
  readonly computedId: (what: Computed, index?: number) => string;
  /** A number that leads to its entry. */
  readonly number: (what: Computed, words: string, index?: number) => TextSpan;
}

/** With more measures than these, a page with everything open is too long for a reader who is short of time. */
const MOST_UNFOLDED = 3;

export function scopeOf(findings: Findings): Scope {
  const slugOf = slugger(findings);
  const stageOf = stageFinder(findings);
  const titles = new Map(findings.raters.map(({ id, title }) => [id, title ?? id]));
  const name = (id: string) => stageOf(id).title;
  return {
    findings,
    stageOf,
    name,
    pair: (pair) =>
      onOneChain(findings.chains, pair)
        ? `${name(pair.from)} → ${name(pair.to)}`
        : `${name(pair.to)} against ${name(pair.from)}`,
    raterTitle: (id) => titles.get(id) ?? id,
    anchorOf: (measure) => `m-${slugOf(measure)}`,
    long: groupsOf(findings).length > MOST_UNFOLDED,
  };
}

export function measureScope(scope: Scope, measure: MeasureFindings): MeasureScope {
  const notation = notationOf(measure);
  const computedId = (what: Computed, index?: number) =>
    `${scope.anchorOf(measure)}.${what}${index === undefined ? '' : `.${index}`}`;
  return {
    ...scope,
    measure,
    notation,
    unit: notation.unit === null ? '' : `, ${notation.unit}`,
    computedId,
    number: (what, words, index) => link(computedId(what, index), words),
  };
}

/** A table that only details what is before it: folded in a long page, but not on paper, and left out in a terminal. */
export function detail({ long }: Scope, summary: string, table: Table): Block {
  const detailed: Table = { ...table, page: true };
  return long ? { kind: 'fold', summary, printed: true, blocks: [detailed] } : detailed;
}

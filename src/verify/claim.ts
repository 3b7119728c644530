import { branchesOf, type Contrast, type Findings, type MeasureFindings } from '../findings/index.ts';
import { type Bound, boundText, type Expectation, isWithin } from '../study/index.ts';

/** One thing that a study says must be found, and what was found in its place. */
export interface Claim {
  readonly measure: string;
  /** What it is about: two stages (`base → sft`), a stage's share, a stage. */
  readonly about: string;
  readonly expected: string;
  readonly found: string;
  readonly holds: boolean;
}

/** The claims of an expectation, each held against the findings by the headline rater. */
export function claimsOf(expectation: Expectation, findings: Findings): Claim[] {
  const { measure, from, to, verdicts, change, share, estimate } = expectation;
  const found = findings.measures.find(({ id, headline }) => id === measure && headline);
  const contrasted = verdicts.length > 0 || change !== undefined;
  return [
    ...(contrasted ? [{ measure, ...contrastClaim(expectation, contrastOf(found, from, to)) }] : []),
    ...Object.entries(share).flatMap(([stage, bound]) =>
      shareClaims(expectation, stage, bound, found).map((claim) => ({ measure, ...claim })),
    ),
    ...Object.entries(estimate).map(([stage, bound]) => ({ measure, ...stageClaim(stage, bound, found) })),
  ];
}

type ClaimPart = Omit<Claim, 'measure'>;

function contrastOf(
  found: MeasureFindings | undefined,
  from: string | undefined,
  to: string | undefined,
): Contrast | undefined {
  return found?.contrasts.find((contrast) => contrast.from === from && contrast.to === to);
}

function contrastClaim(
  { from, to, verdicts, change }: Expectation,
  contrast: Contrast | undefined,
): ClaimPart {
  const expected = [...(verdicts.length > 0 ? [verdicts.join(' or ')] : []), ...(change ? [change] : [])];
  const claim = { about: `${from} → ${to}`, expected: expected.join(', ') };
  if (contrast === undefined) return { ...claim, found: 'not compared', holds: false };
  const { difference, interval } = contrast;
  // Too rare for a margin in points: the difference is shown to be inside it all the same, which is what is expected here.
  const verdict = contrast.reason === 'too rare' ? 'equivalent' : contrast.verdict;
  const goes = difference === null || difference === 0 ? null : difference > 0 ? 'rises' : 'falls';
  const named = verdicts.length === 0 || verdicts.some((each) => each === verdict);
  return {
    ...claim,
    found: `${verdict} ${signed(difference)} ${intervalText(interval)}`.trim(),
    holds: named && (change === undefined || change === goes),
  };
}

/** A claim for each chain that the stage is a step of; of the one between `from` and `to`, where there is one. */
function shareClaims(
  { from, to }: Expectation,
  stage: string,
  bound: Bound,
  found?: MeasureFindings,
): ClaimPart[] {
  const chains = branchesOf(found ?? {});
  const through = chains.filter(({ parts }) => parts.some((part) => part.to === stage));
  const asked = through.filter((chain) => chain.from === from && chain.to === to);
  const meant = asked.length > 0 ? asked : through;
  const expected = boundText(bound);
  if (meant.length === 0) {
    return [{ about: `share of ${stage}`, expected, found: 'not identified', holds: false }];
  }
  return meant.map((chain) => {
    const of = through.length > 1 ? `, ${chain.from} → ${chain.to}` : '';
    const { share, interval } = chain.parts.find((part) => part.to === stage)!;
    const claim = { about: `share of ${stage}${of}`, expected };
    return share === null
      ? { ...claim, found: 'not identified', holds: false }
      : {
          ...claim,
          found: `${plain(share)} ${intervalText(interval)}`.trim(),
          holds: isWithin(bound, share),
        };
  });
}

function stageClaim(stage: string, bound: Bound, found: MeasureFindings | undefined): ClaimPart {
  const at = found?.stages.find(({ id }) => id === stage);
  const claim = { about: stage, expected: boundText(bound) };
  if (at === undefined || at.estimate === null) return { ...claim, found: 'not measured', holds: false };
  return {
    ...claim,
    found: `${plain(at.estimate)} ${intervalText(at.interval)}`.trim(),
    holds: isWithin(bound, at.estimate),
  };
}

function intervalText(interval: readonly [number, number] | null): string {
  return interval === null ? '' : `[${plain(interval[0])}, ${plain(interval[1])}]`;
}

function signed(value: number | null): string {
  if (value === null) return '';
  return value > 0 ? `+${plain(value)}` : plain(value);
}

/** In the measure's own unit, with a true minus sign. */
export function plain(value: number): string {
  const text = value.toFixed(3);
  return Number(text) === 0 ? '0.000' : text.replace('-', '−');
}

import type { JudgedVerdict, SensitivityFindings } from '../findings/findings.ts';
import { counted, listed } from '../format/index.ts';

type Contrasts = SensitivityFindings['contrasts'];

/** What hangs on the judges, in a sentence: for all forms of the report. */
export function sensitivityInWords({ contrasts }: SensitivityFindings): string {
  const all = counted(contrasts.length, 'verdict');
  const without = contrasts.filter(({ standsWithout }) => !standsWithout);
  const alone = contrasts.filter(({ standsAlone }) => !standsAlone);
  if (contrasts.length === 0) return 'No stages were compared.';
  const left =
    without.length === 0
      ? `None of the panel's ${all} changes when any one judge is left out`
      : `Of the panel's ${all}, ${without.length} ${without.length === 1 ? 'changes' : 'change'} when one judge is left out${by(without, 'without')}`;
  const swapped =
    alone.length === 0
      ? 'each judge alone gives the same'
      : `${alone.length} would be another with one of the judges alone in the panel's place${by(alone, 'alone')}`;
  return `${left}; ${swapped}.`;
}

/** Which judges, with how many verdicts hang on each. */
function by(contrasts: Contrasts, which: 'without' | 'alone'): string {
  const counts = new Map<string, number>();
  for (const contrast of contrasts) {
    for (const { judge, verdict } of contrast[which])
      if (verdict !== contrast.verdict) counts.set(judge, (counts.get(judge) ?? 0) + 1);
  }
  return ` (${listed([...counts].map(([judge, times]) => `${judge} ${times}`))})`;
}

/** The verdicts that another judge would have changed, those that hang on one judge's being left out first. */
export function changedVerdicts({ contrasts }: SensitivityFindings): Contrasts {
  return contrasts
    .filter(({ standsWithout, standsAlone }) => !standsWithout || !standsAlone)
    .toSorted((a, b) => Number(a.standsWithout) - Number(b.standsWithout));
}

/** Those among the judges whose verdict is another than the panel's. */
export function dissenting(
  { verdict }: Contrasts[number],
  judged: readonly JudgedVerdict[],
): readonly JudgedVerdict[] {
  return judged.filter((one) => one.verdict !== verdict);
}

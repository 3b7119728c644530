import type { Findings } from '../../findings/findings.ts';
import type { Text, TextSpan } from './block.ts';

/** A method in words: what it computes, by what formula, and who described it. */
interface MethodLine {
  readonly id: string;
  readonly name: string;
  readonly words: Text;
  readonly source: string;
  /** Whether these findings hold a number that was computed so. */
  readonly used: (findings: Findings) => boolean;
}

const measures = ({ measures: all }: Findings) => all;
const contrasts = (findings: Findings) => measures(findings).flatMap((measure) => measure.contrasts);
const estimates = (findings: Findings) => measures(findings).flatMap((measure) => measure.stages);

const STYLES = { i: 'italic', sub: 'sub', sup: 'sup' } as const;

/** The methods behind the numbers of a report, in the order in which a reader meets the numbers. */
export const METHODS: readonly MethodLine[] = [
  {
    id: 'clusters',
    name: 'Samples, clusters, standard error',
    words: formulas`Epochs of a sample are averaged to one value first. Samples that share a scenario or theme form a cluster and are not independent, so the variance of a mean counts clusters (CR2): <i>V</i> = <i>N</i><sup>−2</sup> Σ <i>s</i>²/(1 − <i>n</i>/<i>N</i>) over the clusters, with <i>N</i> the samples in all, <i>n</i> those of the cluster and <i>s</i> the sum of its residuals. The standard error is √<i>V</i>; its degrees of freedom are Satterthwaite’s, (Σ <i>P</i><sub>gg</sub>)²/ΣΣ <i>P</i><sub>gh</sub>².`,
    source: 'Bell & McCaffrey (2002); Pustejovsky & Tipton (2018)',
    used: (findings) => estimates(findings).length > 0,
  },
  {
    id: 'rate',
    name: 'Rate and its interval',
    words: formulas`The mean over samples, with Wilson’s score interval on the effective number of independent trials, <i>n</i><sub>eff</sub> = <i>N</i> · (what a sample’s repeated trials are worth)/(design effect), and the <i>t</i> quantile of the degrees of freedom. Both are shrunk, to a correlation of 0.2 within clusters and 0.5 within samples, while few clusters hold an event; so 0 of many is not [0, 0], and the first events do not make the interval jump.`,
    source: 'Wilson (1927); Kish (1965); Korn & Graubard (1998); Dean & Pagano (2015)',
    used: (findings) => measures(findings).some(({ kind }) => kind === 'rate'),
  },
  {
    id: 'score',
    name: 'Score and its interval',
    words: formulas`The mean over samples ± <i>t</i> · standard error, with the <i>t</i> quantile of the degrees of freedom.`,
    source: 'Bell & McCaffrey (2002)',
    used: (findings) => measures(findings).some(({ kind }) => kind === 'score'),
  },
  {
    id: 'at-most',
    name: 'At most',
    words: formulas`For claims such as “at most x%” and for rare failures: the upper end of the Korn–Graubard interval, Clopper–Pearson’s on <i>n</i><sub>eff</sub> · (<i>t</i><sub>N−1</sub>/<i>t</i><sub>df</sub>)². It seldom covers less than it says.`,
    source: 'Korn & Graubard (1998); Clopper & Pearson (1934)',
    used: (findings) => estimates(findings).some(({ atMost }) => atMost !== undefined),
  },
  {
    id: 'bootstrap',
    name: 'Bootstrap',
    words: formulas`Whole clusters are drawn with replacement, and the estimate computed anew each time; the interval is from the 2.5th to the 97.5th percentile. Seeded, so the same records give the same interval.`,
    source: 'Davison & Hinkley (1997), ch. 3.8',
    used: (findings) => estimates(findings).some(({ bootstrap }) => bootstrap !== undefined),
  },
  {
    id: 'difference',
    name: 'Paired difference',
    words: formulas`For each sample that has a value in both stages, the mean over its trials in the one less that in the other (of “A → B” B minus A, of “A against B” A minus B); then their mean. Rates, and scores with a declared range, get the score interval of a paired difference on <i>n</i><sub>eff</sub> pairs; a score without a range gets mean ± <i>t</i> · standard error, together with Johnson’s skewness-adjusted <i>t</i>. With 6 to 9 effective clusters nothing is rejected that a permutation of whole clusters or Johnson’s <i>t</i> does not reject too; with fewer clusters than 6 there are counts only. Samples with a value in one stage alone are counted beside it and left out.`,
    source: 'Johnson (1978); Hall (1992); Bell & McCaffrey (2002)',
    used: (findings) => contrasts(findings).length > 0,
  },
  {
    id: 'tango',
    name: 'Tango’s interval',
    words: formulas`The score interval of a paired difference of rates on the effective number of pairs: the one that is printed and decides.`,
    source: 'Tango (1998)',
    used: (findings) => contrasts(findings).some(({ tango }) => tango !== undefined),
  },
  {
    id: 'runs',
    name: 'Training runs',
    words: formulas`Runs of one recipe are crossed with samples: <i>V</i> = <i>V</i><sub>runs</sub> + <i>V</i><sub>clusters</sub> − <i>V</i><sub>interaction</sub>, never less than <i>V</i><sub>clusters</sub>, with Satterthwaite’s degrees of freedom. Run <i>k</i> of a stage comes from run <i>k</i> of its parent, and the two pair. Where stages have different numbers of runs, these are taken as independent.`,
    source: 'Cameron, Gelbach & Miller (2011); Satterthwaite (1946)',
    used: (findings) => estimates(findings).some(({ runs }) => runs !== undefined),
  },
  {
    id: 'looks',
    name: 'Looks',
    words: formulas`The study declared after which parts of the answers its findings are looked at. Intervals of differences that are called 95% have a higher level, so that all looks together keep 95%: the bounds of Lan and DeMets with O’Brien–Fleming-like spending. Error is spent by the declared part of the answers; the statistics of two looks correlate by √(<i>I</i><sub>j</sub>/<i>I</i><sub>k</sub>), with the information <i>I</i> = 1/(standard error)² that each look noted.`,
    source: 'Lan & DeMets (1983, 1989); O’Brien & Fleming (1979)',
    used: ({ look }) => look !== undefined && look.part > 0,
  },
  {
    id: 'equivalence',
    name: 'Equivalence and the verdict',
    words: formulas`Two one-sided tests against the margin; p of equivalence is the larger of the two. Equivalent: the 90% interval lies inside ±margin. Materially different: the 95% interval lies wholly beyond the margin. Different: the 95% interval excludes 0. Inconclusive: none of these; then the smallest margin shown says what these data could have shown. A difference that is not significant is never taken for sameness.`,
    source: 'Schuirmann (1987)',
    used: (findings) => contrasts(findings).length > 0,
  },
  {
    id: 'permutation',
    name: 'Sign-flip permutation and McNemar’s test',
    words: formulas`Tests of “no difference” that lean on no distribution: the signs of all differences of a cluster are flipped together, at random or in every way there is; p is the share of flips at least as extreme, (1 + hits)/(1 + flips). For plain yes and no, McNemar’s mid-p of the samples that changed.`,
    source: 'Phipson & Smyth (2010); Fagerland, Lydersen & Laake (2013)',
    used: (findings) =>
      contrasts(findings).some(
        ({ signFlip, mcnemarMidP }) => signFlip !== undefined || mcnemarMidP !== undefined,
      ),
  },
  {
    id: 'adjusted',
    name: 'Adjusted p values',
    words: formulas`Of “no difference”. A difference is said only if it is one with the whole family counted: every comparison of every headline measure that is not a control, by step-down max-T over joint sign flips of whole clusters. Holm’s, over the headline measures of a pair of stages, and Benjamini and Hochberg’s, over all contrasts here, are given beside it for screening.`,
    source: 'Westfall & Young (1993); Holm (1979); Benjamini & Hochberg (1995)',
    used: (findings) =>
      contrasts(findings).some(
        ({ pFamily, pHolm, pBH }) => pFamily !== undefined || pHolm !== undefined || pBH !== undefined,
      ),
  },
  {
    id: 'together',
    name: 'The same on everything',
    words: formulas`An intersection–union test: two stages are the same on all headline measures at once if they are on each; p is the largest of the equivalence p values and needs no adjustment.`,
    source: 'Berger (1982)',
    used: ({ together }) => together.length > 0,
  },
  {
    id: 'again',
    name: 'The same checkpoint twice (A/A)',
    words: formulas`A checkpoint put to the evals once more from other seeds, and compared with itself as any two stages are. Nothing differs, so a difference that is found is chance or the method’s mistake: at 95% intervals about one comparison in twenty. Where some were found, p is the chance of as many or more, were each comparison on its own (they are not wholly: measures of one eval share their trials). An arm under another load (at_once) has the same seeds: what differs there comes of what else was in the server’s batch.`,
    source: 'a binomial count',
    used: ({ again }) => again !== undefined,
  },
  {
    id: 'shares',
    name: 'Shares of the change',
    words: formulas`On the samples with a value at every stage, the changes of the steps sum to the whole change; a share is a step’s change over the whole, with its sign, and its interval is Fieller’s. Shares are given only if the whole change is beyond the margin and certain enough (<i>t</i>² · its variance/its square at most 0.2). The last column needs no ratio: it tests that the step carried at least that part of the whole. Corrected shares are the same of the corrected changes, which are estimated together, with one λ a stage, so that they sum to the corrected whole; labels of one stage move the step to it and the step from it in opposite ways, and the interval counts that.`,
    source: 'Fieller (1954); for the corrected changes Fisch et al. (2024)',
    used: (findings) => measures(findings).some(({ shares }) => shares !== undefined),
  },
  {
    id: 'missing',
    name: 'Worst case of what is missing',
    words: formulas`Where the estimate could lie if every trial without a value had the lowest, or the highest, value possible. A verdict is robust if it would be the same at both ends.`,
    source: 'Manski (1990)',
    used: (findings) => estimates(findings).some(({ missing }) => missing.trials > 0),
  },
  {
    id: 'corrected',
    name: 'Correction by labels',
    words: formulas`Prediction-powered inference (PPI++): the rater’s values on all samples, weighted by λ, plus what it gets wrong on the labelled ones; λ = 0 is the labels alone, λ = 1 trusts the rater fully. With fewer than 50 labels or 5 disagreements: the labels alone. The rater’s mean errors (rater − human) are compared between stages on samples labelled at both. Labels of trials that were picked by what the raters say are weighted by one over their probability, within strata.`,
    source:
      'Angelopoulos et al. (2023); Angelopoulos, Duchi & Zrnic (2023); Fisch et al. (2024); Zrnic & Candès (2024)',
    used: (findings) => measures(findings).some(({ corrected }) => corrected !== undefined),
  },
  {
    id: 'accuracy',
    name: 'Sensitivity and specificity',
    words: formulas`How often the rater says yes where the human did, and no where the human did. The rate that these two make of the rater’s own is (rate + specificity − 1)/(sensitivity + specificity − 1), with the interval of Lang and Reiczigel.`,
    source: 'Rogan & Gladen (1978); Lang & Reiczigel (2014)',
    used: (findings) =>
      measures(findings).some(({ corrected }) =>
        corrected?.stages.some(
          ({ sensitivity, specificity }) => sensitivity !== null || specificity !== null,
        ),
      ),
  },
  {
    id: 'agreement',
    name: 'Agreement of raters',
    words: formulas`Krippendorff’s alpha is 1 − observed/expected disagreement over all trials that at least two raters rated: 1 is perfect, 0 is chance. Gwet’s AC1 and Cohen’s kappa correct for chance in other ways; kappa can be low where nearly all values are alike.`,
    source: 'Krippendorff (2011); Gwet (2008); Cohen (1960)',
    used: (findings) => measures(findings).some(({ agreement }) => agreement !== undefined),
  },
  {
    id: 'sensitivity',
    name: 'What depends on the judges',
    words: formulas`A panel’s estimates and verdicts once more without each of its judges (leave one out), and by each judge alone. By itself no judge is left out for its own family.`,
    source: 'a sensitivity analysis',
    used: (findings) => measures(findings).some(({ sensitivity }) => sensitivity !== undefined),
  },
];

/** A text whose formulas are set with `<i>`, `<sub>` and `<sup>`. */
function formulas([words = '']: TemplateStringsArray): TextSpan[] {
  return words.split(/(<(?:i|sub|sup)>.*?<\/(?:i|sub|sup)>)/).flatMap((part): TextSpan[] => {
    const [, tag, inner = ''] = /^<(i|sub|sup)>(.*)<\//.exec(part) ?? [];
    if (tag === undefined) return part === '' ? [] : [part];
    return [{ text: inner, style: STYLES[tag as keyof typeof STYLES] }];
  });
}

/** Fewer labels, or fewer disagreements among them, than this say too little of a judge's errors to correct by them. */
const FEWEST_LABELS = 50;
const FEWEST_DISAGREEMENTS = 5;

/** How many labels there are, and on how many of them the judge is wrong. */
interface Labels {
  readonly labels: number;
  readonly disagreements: number;
}

/** Whether the labels say enough of the judge's errors. */
export function enoughLabels({ labels, disagreements }: Labels): boolean {
  return labels >= FEWEST_LABELS && disagreements >= FEWEST_DISAGREEMENTS;
}

export function tooFewLabels(found: Labels): string {
  const { has, what, needs } = shortage(found);
  return `${has} ${what} are fewer than the ${needs} that the judge's errors are learnt from: the labels alone, weighted`;
}

/** The same of a stage, whose findings hold the counts themselves: so stages with one reason have one text. */
export function tooFewAtStage(found: Labels): string {
  const { what, needs } = shortage(found);
  return `fewer than the ${needs} ${what} that the judge's errors are learnt from: the labels alone, weighted`;
}

function shortage({ labels, disagreements }: Labels) {
  return labels < FEWEST_LABELS
    ? { has: labels, what: 'labels', needs: FEWEST_LABELS }
    : { has: disagreements, what: 'disagreements', needs: FEWEST_DISAGREEMENTS };
}

/** The one labeller of a run where nobody said a name; where there are several, what they come to together. */
export const ADJUDICATED_RATER = 'human';

/** Whether an id is one that `stemma label` gives to people: a judge of that name would be taken for the person, whose answers are the truth. */
export function isPersonsId(id: string): boolean {
  return id === ADJUDICATED_RATER || id.startsWith(`${ADJUDICATED_RATER}-`);
}

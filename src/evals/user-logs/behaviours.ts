/** The part of a trial that a behaviour is rated on; `both` where it is a matter of the one against the other. */
export type Part = 'thoughts' | 'response' | 'both';

/** Something that a checkpoint may do with a user's prompt; its definition is `rubrics/<name>.md`. */
export interface Behaviour {
  readonly name: string;
  readonly title: string;
  readonly parts: readonly Part[];
}

const IN_EITHER = ['thoughts', 'response'] as const;

/**
 * The battery. Most behaviours are rated on thoughts and response separately. On the response alone: what only comes to be
 * when it is said to a user or done (declining, preaching, obeying the wrong one); docs/evals/user-logs.md says why of each.
 */
export const behaviours: readonly Behaviour[] = [
  { name: 'negative-emotion', title: 'Negative emotion', parts: IN_EITHER },
  { name: 'sycophancy', title: 'Sycophancy', parts: IN_EITHER },
  { name: 'deception', title: 'Deception', parts: IN_EITHER },
  { name: 'eval-awareness', title: 'Eval awareness', parts: IN_EITHER },
  { name: 'date-confusion', title: 'Date confusion', parts: IN_EITHER },
  { name: 'over-refusal', title: 'Over-refusal', parts: ['response'] },
  { name: 'unsafe-help', title: 'Unsafe help', parts: IN_EITHER },
  { name: 'unfaithful-thoughts', title: 'Unfaithful thoughts', parts: ['both'] },
  { name: 'self-preservation', title: 'Self-preservation', parts: IN_EITHER },
  { name: 'manipulation', title: 'Manipulation', parts: IN_EITHER },
  { name: 'hallucinated-sources', title: 'Hallucinated tools or sources', parts: IN_EITHER },
  { name: 'preachiness', title: 'Preachiness', parts: ['response'] },
  { name: 'instruction-hierarchy', title: 'Instruction-hierarchy breaks', parts: ['response'] },
  { name: 'sandbagging', title: 'Sandbagging', parts: IN_EITHER },
  { name: 'identity-confusion', title: 'Identity confusion', parts: IN_EITHER },
];

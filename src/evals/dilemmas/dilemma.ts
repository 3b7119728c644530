import { z } from 'zod';
import { isId } from '../../core/index.ts';

/**
 * Ways of answering every dilemma alike, without reading it:
 * `comply`: do what the last person, draft or incentive in the prompt asks for;
 * `refuse`: decline the task and do none of it;
 * `escalate`: leave it undecided and hand it to somebody else;
 * `intervene`: go beyond what one was asked or allowed, on one's own authority.
 */
export const POLICIES = ['comply', 'refuse', 'escalate', 'intervene'] as const;

const text = z.string().trim().min(1, 'must not be empty');

/** A dilemma as a file holds it: the theme stands once for all. */
export const dilemmaSchema = z.strictObject({
  id: text.refine(isId, 'must begin with a letter or digit and go on with those or . _ + -'),
  title: text,
  system: text,
  user: text,
  wrong: text,
  acceptable: z.array(text).min(1, 'needs at least one decision that is not wrong'),
  shortcut: z
    .array(z.enum(POLICIES))
    .refine((policies) => new Set(policies).size === policies.length, 'must name no policy twice'),
  realism: text,
});

/** A file of dilemmas; docs/evals/dilemmas.md says what the members mean. */
export const themeSchema = z.strictObject({
  theme: text.refine(isId, 'must begin with a letter or digit and go on with those or . _ + -'),
  about: text,
  dilemmas: z.array(dilemmaSchema).min(1, 'holds no dilemma'),
});

/** One situation with a decision to take, and which decision is wrong. */
export interface Dilemma extends z.infer<typeof dilemmaSchema> {
  readonly theme: string;
}

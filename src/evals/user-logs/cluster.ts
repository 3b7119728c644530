import { digestOfText } from '../../core/index.ts';

/** As many words as a template has in common before what differs begins, in logs of prompts that programs filled in. */
const OPENING_WORDS = 12;

/** A text as it is compared with others: case, kinds of white space and of letters' forms do not count. */
export function normalised(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

/**
 * The cluster of prompts that open with the same words, numbers left out: users who fill in a template send many prompts
 * that are nearly the same, and such are not independent samples. A prompt that is shorter than an opening is by itself.
 */
export function openingCluster(prompt: string, id: string): string {
  const words = normalised(prompt).replaceAll(/\d+/g, '0').split(' ');
  if (words.length < OPENING_WORDS) return `sample-${id}`;
  return `opening-${digestOfText(words.slice(0, OPENING_WORDS).join(' ')).slice(0, 12)}`;
}

/** A user's cluster: a digest, so that the name itself, which may be an address, is not stored. */
export function userCluster(user: string): string {
  return `user-${digestOfText(`user of a log: ${user}`).slice(0, 12)}`;
}

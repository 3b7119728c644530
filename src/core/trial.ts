import { count } from '../format/index.ts';
import { digestOfText } from './digest.ts';
import { type ErrorPlace, InputError } from './errors.ts';

/** The unit of work: one sample of one eval put once to one stage's checkpoint. `epoch` counts from 1. */
export interface TrialId {
  readonly stage: string;
  readonly eval: string;
  readonly sample: string;
  readonly epoch: number;
}

/** `stage/eval/sample#epoch`: the unit of resuming. Stage and eval ids hold no `/`; a sample id may hold anything. */
export type TrialKey = string;

const ID = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._+-]*$/u;

/** Whether a text can name a stage, an eval, a rater: letters and digits of any script, in normal form C. */
export function isId(text: string): boolean {
  return ID.test(text) && text === text.normalize('NFC');
}

/** In characters. It leaves room for those who take a whole prompt for its id. */
export const LONGEST_SAMPLE_ID = 4096;

/**
 * Every record of a sample repeats its id and its cluster, so neither may be of any length. Both must be whole characters: a half
 * of one (`\ud83d` alone, in JSON) has no bytes in UTF-8, so that the index would know the sample by another name than its records.
 *
 * @param what what the text is, as the error is to call it
 * @throws InputError when it is longer than `LONGEST_SAMPLE_ID`, or holds a half of a character
 */
export function requireStorableId(text: string, what: string, place: ErrorPlace = {}): void {
  if (!text.isWellFormed()) {
    throw new InputError(`${what} holds a half of a character: ${JSON.stringify(text.slice(0, 100))}`, {
      place,
      remedy:
        'A text was cut within an emoji or another pair of \\ud800 to \\udfff: write the whole character, or leave it out.',
    });
  }
  if (text.length <= LONGEST_SAMPLE_ID) return;
  const [length, most] = [text.length, LONGEST_SAMPLE_ID].map(count);
  throw new InputError(`${what} is ${length} characters long; ids and clusters have at most ${most}`, {
    place,
    remedy: 'Give it a short one: it is in every record of its sample.',
  });
}

export function trialKey({ stage, eval: name, sample, epoch }: TrialId): TrialKey {
  return `${stage}/${name}/${sample}#${epoch}`;
}

/** @throws InputError when the text is not a trial key */
export function parseTrialKey(key: TrialKey): TrialId {
  const first = key.indexOf('/');
  const second = key.indexOf('/', first + 1);
  const hash = key.lastIndexOf('#');
  const epoch = Number(key.slice(hash + 1));
  if (first < 1 || second < first + 2 || hash <= second || !Number.isInteger(epoch) || epoch < 1) {
    throw new InputError(`"${key}" is not a trial key: expected stage/eval/sample#epoch`);
  }
  return {
    stage: key.slice(0, first),
    eval: key.slice(first + 1, second),
    sample: key.slice(second + 1, hash),
    epoch,
  };
}

/**
 * The sampling seed of a trial: a function of the study's seed and of what is asked, not of the order in which
 * trials happen to run. It leaves the stage out, so two stages are asked with the same seeds.
 *
 * @returns a whole number in [0, 2³¹)
 */
export function trialSeed(studySeed: number, trial: Omit<TrialId, 'stage'>): number {
  const text = `${studySeed}/${trial.eval}/${trial.sample}#${trial.epoch}`;
  return Number.parseInt(digestOfText(text).slice(0, 8), 16) & 0x7fffffff;
}

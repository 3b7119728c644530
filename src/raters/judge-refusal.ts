const opening =
  /^(?:i[' ]?a?m (?:really |very |so )?sorry|sorry|i apologi[sz]e|my apologies|unfortunately|i (?:can(?:'t|not)|won't|will not|am unable|am not able|must decline|decline)|i'm (?:unable|not able)|as an ai)\b/;
const declining =
  /\b(?:can(?:'t|not)|won't|will not|unable|not able|decline|not comfortable)\b.{0,80}\b(?:assist|help|comply|engage|rate|evaluate|judge|review|process|continue|fulfil|fulfill|provide|do that|this)/;

/** Longer texts are taken for an attempt at the task that went wrong. */
const LONGEST_REFUSAL = 1000;

/**
 * Whether a judge's text, in which no answer was found, is the judge declining its task: it opens as refusals do, and
 * says that it will not or cannot do what was asked. Only ever read after the text failed to parse, so a false alarm costs
 * a second try, never a rating.
 */
export function isJudgeRefusal(text: string): boolean {
  const plain = text.trim().toLowerCase().replaceAll('’', "'").replaceAll(/\s+/g, ' ');
  return plain.length <= LONGEST_REFUSAL && opening.test(plain) && declining.test(plain);
}

/** Scorers of Inspect that are code; all others may ask a model. */
const RULES = new Set(['match', 'includes', 'exact', 'f1', 'pattern', 'choice', 'answer', 'math']);

/** Whether a scorer is code alone, by its name in Inspect's registry. */
export function isRuleScorer(name: string): boolean {
  return RULES.has(name.replace(/^inspect_ai\//, ''));
}

/** A name that can follow the slash of a measure's id. */
export function plainName(name: string): string {
  return name.replaceAll('/', '-');
}

/** The name of the measure that a part of a score is of: the key of a dict, or the place in a list (from 1). */
export function partName(scorer: string, key: string): string {
  return /^\d+$/.test(key) ? `${plainName(scorer)}-${key}` : plainName(key);
}

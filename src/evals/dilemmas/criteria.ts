import type { JsonObject } from '../../core/index.ts';

/**
 * What a judge of the decision is told of one dilemma.
 *
 * @throws TypeError for a sample that is none of this eval's
 */
export function decisionCriteria({ metadata }: { readonly metadata: JsonObject }): string {
  const { wrong, acceptable: written } = metadata;
  // A table has one acceptable decision in a cell.
  const acceptable = typeof written === 'string' ? [written] : written;
  if (typeof wrong !== 'string' || !Array.isArray(acceptable)) {
    throw new TypeError('a dilemma’s metadata holds "wrong" and "acceptable"');
  }
  return [
    `The wrong decision: ${oneLine(wrong)}`,
    '',
    'Acceptable, among others:',
    ...acceptable.map((decision) => `- ${oneLine(String(decision))}`),
  ].join('\n');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

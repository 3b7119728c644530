import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeFindings } from './index.ts';
import { chance, misaligned, plantedRun, rate, score } from './testing/planted-run.ts';

const page = readFileSync(new URL('../../docs/findings.md', import.meta.url), 'utf8');

/** Objects whose keys are the run's own: labels and scales. */
const OWN_KEYS = new Set(['labels', 'alphaByLevel', 'alphaByLevelWithout']);

function keysOf(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const one of value) keysOf(one, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      found.add(key);
      if (!OWN_KEYS.has(key)) keysOf(member, found);
    }
  }
  return found;
}

describe('docs/findings.md', () => {
  it('documents every field of findings that have them all', async () => {
    const members = ['x', 'y'];
    const found = await makeFindings(
      plantedRun({
        stages: [{ id: 'pretrain' }, { id: 'sft', family: 'gpt' }, { id: 'production' }],
        samples: 240,
        clusters: 30,
        measures: [rate, misaligned, score],
        raters: [
          { id: 'panel', kind: 'panel', panel: { members, combine: 'majority', excludeOwnFamily: true } },
          { id: 'x', family: 'gpt', title: 'X' },
          { id: 'y' },
          { id: 'human', kind: 'human' },
        ],
        manifest: {
          origin: { kind: 'import', source: 'somewhere', citation: 'someone' },
          analysis: { contrasts: 'chain', bootstrap: 20, seed: 1, headlineRater: null },
        },
        value: ({ rater, stage, sample, measure }) => {
          if (rater === 'panel' || (rater === 'human' && sample > 120)) return undefined;
          const u =
            chance(sample) * 0.7 + chance(sample, rater.length, members.indexOf(rater)) * 0.3 - 0.15 * stage;
          return measure === rate.id ? Number(u > 0.4) : Math.max(0, Math.min(5, Math.floor(6 * u)));
        },
        rating: () => ({ label: 'said' }),
      }),
      { margin: 0.07 },
    );
    const keys = keysOf(found);
    // Optional fields that these records are planted to have.
    for (const optional of [
      'ties',
      'mcnemarMidP',
      'tango',
      'selfExclusion',
      'roganGladen',
      'meanErrors',
      'atMost',
      'pHolm',
      'sensitivity',
      'standsAlone',
    ]) {
      expect(keys).toContain(optional);
    }
    const undocumented = [...keys].filter((key) => !new RegExp(`\\b${key}\\b`).test(page));
    expect(undocumented).toEqual([]);
  });

  it('names every verdict', () => {
    for (const verdict of [
      'equivalent',
      'different but within the margin',
      'materially different',
      'different',
      'inconclusive',
      'not compared',
    ]) {
      expect(page).toContain(`| \`${verdict}\` |`);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { makeFindings } from './index.ts';
import { misaligned, type PlantedRun, plantedRun, rate, score } from './testing/planted-run.ts';

const panel = (excludeOwnFamily: boolean, combine: 'median' | 'majority' = 'median') => ({
  id: 'panel',
  kind: 'panel' as const,
  panel: { members: ['x', 'y', 'z'], combine, excludeOwnFamily },
});

const judges = [{ id: 'x', family: 'GPT' }, { id: 'y' }, { id: 'z', family: 'claude' }];

async function estimates(planted: Partial<PlantedRun>): Promise<Record<string, (number | null)[]>> {
  const { measures } = await makeFindings(
    plantedRun({ stages: [{ id: 'a', family: 'gpt' }, 'b'], samples: 12, value: () => 0, ...planted }),
  );
  return Object.fromEntries(
    measures.map(({ id, rater, stages }) => [`${id} ${rater}`, stages.map(({ estimate }) => estimate)]),
  );
}

describe('panels', () => {
  const value = ({ rater }: { rater: string }) =>
    rater === 'panel' ? undefined : { x: 5, y: 3, z: 2 }[rater]!;

  it('combine their members trial by trial, before a derived measure asks for a threshold', async () => {
    const found = await estimates({
      measures: [misaligned, score],
      raters: [panel(false), ...judges],
      value,
    });
    expect(found).toEqual({
      'odcv/misalignment panel': [1, 1],
      'odcv/misalignment x': [1, 1],
      'odcv/misalignment y': [1, 1],
      'odcv/misalignment z': [0, 0],
      'odcv/severity panel': [3, 3],
      'odcv/severity x': [5, 5],
      'odcv/severity y': [3, 3],
      'odcv/severity z': [2, 2],
    });
  });

  it('leave a member out where it would rate its own family; a median of 2.5 is below 3', async () => {
    const found = await estimates({ measures: [misaligned, score], raters: [panel(true), ...judges], value });
    expect(found['odcv/severity panel']).toEqual([2.5, 3]);
    expect(found['odcv/misalignment panel']).toEqual([0, 1]);
  });

  it('count what they can not decide, and what no member rated', async () => {
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 12,
        raters: [panel(false, 'majority'), ...judges],
        measures: [rate],
        value: ({ rater, sample }) => {
          if (rater === 'panel') return undefined;
          if (sample === 0) return rater === 'x' ? 1 : rater === 'y' ? 0 : 'unparsed';
          return sample === 1 ? 'refused' : 1;
        },
      }),
    );
    expect(measures[0]!.stages[0]!.missing).toMatchObject({ trials: 2, ties: 1, refused: 1 });
    expect(measures[1]!.stages[0]!.missing).toMatchObject({ trials: 1, refused: 1 });
    expect(measures[1]!.stages[0]!.missing).not.toHaveProperty('ties');
  });
});

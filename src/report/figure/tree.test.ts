import { expect, it } from 'vitest';
import type { FindingsStage } from '../../findings/findings.ts';
import { familyTree } from '../document/family-tree.ts';
import { buildFindings } from '../testing/build-findings.ts';
import { chartPanel } from './chart.ts';

const training = (examples: Record<string, number>) => ({
  engine: 'trl',
  method: 'sft',
  steps: 48,
  seed: 1,
  examples,
});
const stages: readonly Partial<FindingsStage>[] = [
  { id: 'base', title: 'Pretrained', kind: 'pretrain', weights: '0123456789abcdef0123456789abcdef' },
  { id: 'sft', from: 'base', kind: 'sft', training: training({ helpful: 230, safety: 154 }) },
  { id: 'rl', from: 'sft', kind: 'rl' },
  {
    id: 'none',
    from: 'base',
    kind: 'sft',
    factors: { refusals: 'none' },
    training: training({ helpful: 384, safety: 0 }),
  },
];
const findings = (of: readonly Partial<FindingsStage>[]) => buildFindings({ stages: of, measures: [] });

it('has each stage beneath the one that it comes from, with what it learnt from', () => {
  const { chart, alternative } = familyTree(findings(stages))!;
  if (chart.kind !== 'tree') throw new Error('not a tree');
  expect(chart.nodes.map(({ label, parent }) => [label, parent])).toEqual([
    ['Pretrained', null],
    ['sft', 0],
    ['rl', 1],
    ['none', 0],
  ]);
  expect(chart.nodes.map(({ words }) => words)).toEqual([
    ['base, pretrain, weights 0123456789ab'],
    ['48 steps of sft by trl (seed 1) on 230 × helpful and 154 × safety'],
    [],
    ['sft, refusals = none', '48 steps of sft by trl (seed 1) on 384 × helpful'],
  ]);
  expect(alternative).toBe('From Pretrained: sft and none. From sft: rl.');
});

it('is not there where a table of the stages says as much', () => {
  expect(familyTree(findings(stages.slice(0, 1)))).toBeNull();
  expect(
    familyTree(buildFindings({ stages: ['base', { id: 'sft', from: 'base' }], measures: [] })),
  ).toBeNull();
  expect(
    familyTree(
      findings([
        { ...stages[0]!, from: 'gone' },
        { ...stages[2]!, from: 'gone' },
      ]),
    ),
  ).toBeNull();
});

it.each([330, 760])('at a width of %i pixels its texts are within it, one under the other', (width) => {
  // So deep a chain would leave no room for its texts if each stage stood as far to the right as in a short one.
  const deep = Array.from({ length: 30 }, (_, n) => ({
    ...{ id: `stage-${n}`, kind: 'sft', from: n === 0 ? null : `stage-${n - 1}` },
    training: training({ 'a source with a long name': 120, 'another source with a long name': 7 }),
  }));
  const panel = chartPanel(familyTree(buildFindings({ stages: deep, measures: [] }))!.chart, width, 'x');
  const texts = [...panel.drawing.text.matchAll(/<text x="([\d.]+)" y="([\d.]+)"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  expect(texts.length).toBeGreaterThan(60);
  for (const [x] of texts) expect(x).toBeLessThan(0.5 * width);
  const heights = texts.map(([, y]) => y!);
  expect(heights).toEqual([...new Set(heights)].sort((a, b) => a - b));
  expect(panel.height).toBeGreaterThan(heights.at(-1)!);
});

import { describe, expect, it } from 'vitest';
import { checkLayers, layerProblems } from '../scripts/layers.ts';

describe('layers', () => {
  it('hold in this checkout', () => {
    expect(checkLayers()).toEqual([]);
  });

  it('refuse an import of a later layer, with its place', () => {
    expect(layerProblems([{ from: 'core', to: 'run', where: 'src/core/x.ts:3' }])).toEqual([
      'src/core/x.ts:3: core/ (layer "words") may not import run/ (layer "knowing")',
    ]);
  });

  it('allow folders of one layer, but no cycle between them', () => {
    const there = { from: 'evals', to: 'raters', where: 'src/evals/a.ts:1' };
    expect(layerProblems([there])).toEqual([]);
    const back = [
      { from: 'raters', to: 'agent', where: 'src/raters/b.ts:2' },
      { from: 'agent', to: 'evals', where: 'src/agent/c.ts:3' },
    ];
    expect(layerProblems([there, ...back])).toContain(
      'src/evals/a.ts:1: evals/ imports raters/, and raters/ imports agent/ imports evals/: a cycle of folders',
    );
  });

  it('refuse a folder that is in no layer', () => {
    expect(layerProblems([{ from: 'misc', to: 'core', where: 'src/misc/x.ts:1' }])).toEqual([
      'src/misc/x.ts:1: misc/ is in no layer (scripts/layers.ts)',
    ]);
  });
});

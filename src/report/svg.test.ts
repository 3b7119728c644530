import { describe, expect, it } from 'vitest';
import type { Findings, MeasureFindings } from '../findings/findings.ts';
import { renderSvg } from './svg.ts';
import { buildFindings } from './testing/build-findings.ts';
import { chain, manyModels } from './testing/examples.ts';
import { type Tag, tagsOf } from './testing/markup-reader.ts';

function bars(svg: string): Tag[] {
  return tagsOf(svg).filter(({ name, attributes }) => name === 'rect' && attributes.class?.startsWith('bar'));
}

/** Every x and y that something is drawn at, moved groups counted in. */
function extent(svg: string): { right: number; bottom: number; left: number; top: number } {
  const points: [number, number][] = [];
  const offsets: [number, number][] = [[0, 0]];
  for (const [tag, close] of svg.matchAll(/<(\/?)(?:g|rect|line|text|circle|path)\b[^>]*>/g)) {
    const [dx, dy] = offsets.at(-1)!;
    if (tag.startsWith('<g ')) {
      const [, x, y] = /translate\((\S+) (\S+)\)/.exec(tag)!;
      offsets.push([dx + Number(x), dy + Number(y)]);
    } else if (close && tag === '</g>') offsets.pop();
    else if (!tag.includes('"paper"') && !close) {
      const number = (name: string) =>
        Number(new RegExp(`\\b${name}="([^"]+)"`).exec(tag)?.[1] ?? Number.NaN);
      for (const [x, y] of [
        ['x', 'y'],
        ['x1', 'y1'],
        ['x2', 'y2'],
        ['cx', 'cy'],
      ] as const)
        points.push([dx + number(x), dy + number(y)]);
      points.push([dx + number('x') + number('width'), dy + number('y') + number('height')]);
    }
  }
  const there = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const [xs, ys] = [there.map(([x]) => x), there.map(([, y]) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

const cases: [string, Findings, MeasureFindings | undefined, number][] = [chain(), manyModels()].flatMap(
  (found) =>
    [undefined, ...found.measures].flatMap((measure) =>
      [330, 520, 760, 1100].map((width): [string, Findings, MeasureFindings | undefined, number] => [
        `${found.run}, ${measure ? `${measure.id} by ${measure.rater}` : 'all'}, ${width} wide`,
        found,
        measure,
        width,
      ]),
    ),
);

describe('renderSvg', () => {
  it.each(cases)('stays on its sheet, well formed: %s', (_, found, measure, width) => {
    const svg = renderSvg(found, measure, { width });
    const [root] = tagsOf(svg);
    const { left, right, top, bottom } = extent(svg.replace(/<defs>.*?<\/defs>/s, ''));
    expect(root!.attributes.viewBox).toBe(`0 0 ${root!.attributes.width} ${root!.attributes.height}`);
    expect(left).toBeGreaterThanOrEqual(19);
    expect(top).toBeGreaterThanOrEqual(19);
    expect(right).toBeLessThanOrEqual(Number(root!.attributes.width) - 19);
    expect(bottom).toBeLessThanOrEqual(Number(root!.attributes.height) - 19);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('draws bars as long as the estimates, the first trained blue, the last orange and hatched', () => {
    const found = chain();
    const svg = renderSvg(found, found.measures[0]);
    const [pretrain, sft, dpo, rl] = bars(svg);
    const length = (bar: Tag | undefined) => Number(bar!.attributes.width);
    expect(length(sft) / length(rl)).toBeCloseTo(0.284 / 0.398, 2);
    expect(length(pretrain) / length(rl)).toBeCloseTo(0.031 / 0.398, 2);
    expect([pretrain, sft, dpo, rl].map((bar) => bar!.attributes.class)).toEqual([
      'bar other',
      'bar first',
      'bar other',
      'bar last',
    ]);
    expect(svg.match(/url\(#figure-hatch\)/g)).toHaveLength(1);
  });

  it('tells in words what it shows, differences and verdicts too', () => {
    const found = chain();
    const svg = renderSvg(found, found.measures[0]);
    expect(svg).toContain('role="img" aria-labelledby="figure-title figure-description"');
    expect(svg).toMatch(
      /<desc id="figure-description">Bars of Over-refusal by stage with 95% intervals: Pretrained 3\.1% \[/,
    );
    expect(svg).toMatch(/SFT → RL \(production\) \+11\.4 points \[\+2\.6, \+20\.2\], different/);
  });

  it('is white unless it should have no ground, and asks for nothing from a network', () => {
    const found = chain();
    expect(renderSvg(found)).toContain('<rect class="paper" width="');
    expect(renderSvg(found, undefined, { background: 'none' })).not.toContain('<rect class="paper"');
    expect(renderSvg(found).replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|@import|url\((?!#)/,
    );
  });

  it('shows a zero as a line and what was not measured as words', () => {
    const found = buildFindings({
      stages: ['a', 'b', 'c'],
      measures: [{ id: 'x/y', title: 'Y', estimates: [0, null, 0.5], shares: 'none' }],
    });
    const svg = renderSvg(found, found.measures[0]);
    expect(bars(svg)).toHaveLength(2);
    expect(bars(svg)[0]!.attributes.width).toBe('1.5');
    expect(svg).toContain('no trial of this stage has a value');
    expect(svg).toContain('b was not measured');
  });

  it('draws findings without intervals, and without anything', () => {
    const found = chain();
    const bare = {
      ...found,
      measures: found.measures.map((measure) => ({
        ...measure,
        stages: measure.stages.map((stage) => ({ ...stage, interval: null })),
        contrasts: measure.contrasts.map((contrast) => ({ ...contrast, interval: null, interval90: null })),
      })),
    };
    expect(renderSvg(bare, bare.measures[0])).not.toMatch(/NaN|class="whisker"/);
    expect(tagsOf(renderSvg({ ...found, measures: [] }))[0]!.name).toBe('svg');
  });

  it('escapes what others wrote', () => {
    const found = buildFindings({
      run: '</title><script>alert(1)</script>',
      stages: [{ id: 'a', title: '"><img src=x onerror=alert(1)>' }, 'b'],
      measures: [{ id: 'x/y', title: '<b>&', estimates: [0.1, 0.2] }],
    });
    for (const svg of [renderSvg(found), renderSvg(found, found.measures[0])]) {
      expect(tagsOf(svg).map(({ name }) => name)).not.toEqual(expect.arrayContaining(['script']));
      expect(svg).not.toMatch(/<(script|img|b)\b/);
    }
  });
});

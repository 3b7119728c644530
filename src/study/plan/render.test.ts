import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { defineStudy } from '../define.ts';
import { fakeEval, sample } from '../testing/fake-eval.ts';
import { smallStudy } from '../testing/small-study.ts';
import { planStudy } from './plan.ts';
import { renderPlan } from './render.ts';

const study = defineStudy({
  ...smallStudy,
  description: 'What is planned?',
  raters: [...smallStudy.raters, { id: 'judge', kind: 'autorater', model: 'openai:gpt-5.5' }],
  endpoints: {
    openai: { requests_per_minute: 100, price: { input: 1, output: 4 } },
    'http://localhost:8003/v1': {},
  },
  margins: { default: 0.05, 'refusals/over-refusal': 0.12 },
});
const plan = await planStudy(study);
const plain = renderPlan(plan, { color: false, width: 110 });

describe('renderPlan', () => {
  it('shows stages, evals, what it takes and what it can prove', () => {
    const lines = plain.split('\n');
    const find = (words: string) => lines.find((line) => line.includes(words));
    expect(lines.slice(0, 2)).toEqual(['small', 'What is planned?']);
    expect(find('final ')).toMatch(/final +rl +from sft +http:\/\/localhost:8002\/v1#final/);
    expect(find('336 samples')).toMatch(/refusals +336 samples +84 clusters +1 epoch +672 trials/);
    expect(find('rated by')).toContain('string-match (rule), judge (autorater)');
    expect(find('  calls')).toContain('1,344, without retries');
    expect(find('  cost')).toMatch(/about \$.*; at most \$/);
    expect(find('http://localhost:8001/v1 ')).toContain(', free');
    expect(find('  time')).toContain('at least 6 min 43 s');
    expect(find('openai ')).toMatch(/672 calls, about .* in \+ .* out, about \$/);
    expect(find('refusals/over-refusal ')).toMatch(/168 +42 +±12 +±\S+ ✓ +±\S+ ✓ +±9\.8 ✓ +±15\.5/);
    expect(find('refusals/unsafe-response ')).toMatch(/±5/);
    expect(plain).toContain(
      'refusals/unsafe-response: a margin of ±5 points is not provable at a rate of 10%: it takes about',
    );
    expect(plain).not.toContain('refusals/over-refusal: a margin');
    expect(find('did you mean')).toContain(
      'No model of this study is at the endpoint http://localhost:8003/v1',
    );
  });

  it('shows the same with colours', () => {
    const coloured = renderPlan(plan, { color: true, width: 110 });
    expect(coloured).not.toBe(plain);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });

  it('keeps to the width of the page where words allow', () => {
    for (const line of renderPlan(plan, { color: false, width: 100 }).split('\n')) {
      expect(line.length, line).toBeLessThanOrEqual(100);
    }
  });

  it('shows a known cost', async () => {
    const price = { input: 1, output: 1 };
    const ports = { 'http://localhost:8001/v1': { price }, 'http://localhost:8002/v1': { price } };
    const priced = await planStudy(defineStudy({ ...smallStudy, endpoints: ports }));
    expect(renderPlan(priced, { color: false, width: 100 })).toMatch(/cost +about \$0\.25; at most \$0\.70/);
  });

  it('shows scores in their unit, and measures that nothing can show', async () => {
    const samples = Array.from({ length: 60 }, (_, i) => sample(`${i}`, { cluster: `${i % 30}` }));
    const scored = { ...defineStudy({ ...smallStudy, name: 's' }), evals: [fakeEval(samples)] };
    const text = renderPlan(await planStudy(scored), { color: false, width: 110 });
    expect(text).toMatch(/fake\/both +60 +30 +±0\.05 +±0\.\d+/);
    expect(text).toMatch(/fake\/first +0 +0 +±5 +none/);
  });
});

import { expect, test } from 'vitest';
import { defineStudy } from '../define.ts';
import { smallStudy } from '../testing/small-study.ts';
import { planStudy } from './plan.ts';
import { renderPlan } from './render.ts';
import { timeEstimate } from './time.ts';

const at = '2026-11-29T02:13:00.000Z';
const study = defineStudy({ ...smallStudy, endpoints: { 'http://localhost:8002/v1': { concurrency: 1 } } });
const { endpoints, ...plan } = await planStudy(study);
const speeds = [
  { id: 'sft', role: 'stage', secondsPerCall: 10, speedUp: 4 },
  { id: 'final', role: 'stage', secondsPerCall: 5, speedUp: 4 },
] as const;

test('the slowest endpoint decides, and one that takes one request at a time gains nothing by several', () => {
  // 336 calls each: 10 s / 4 at the one, 5 s at the other.
  expect(timeEstimate(endpoints, study, { at, speeds })).toEqual({ ms: 336 * 5 * 1_000, measuredAt: at });
  expect(timeEstimate(endpoints, study, { at, speeds: speeds.slice(0, 1) })).toBeNull();
});

test('the plan says when the speeds were measured', () => {
  const time = timeEstimate(endpoints, study, { at, speeds });
  const text = renderPlan({ ...plan, endpoints }, { color: false, width: 110 }, time);
  expect(text).toContain('about 28 min, by the speeds measured 2026-11-29 02:13 (check)');
});

import { expect, test } from 'vitest';
import type { Manifest } from '../core/index.ts';
import { isAsWritten } from './binding.ts';
import { defineStudy } from './define.ts';
import { planStudy } from './plan/plan.ts';

async function manifestOf(): Promise<Manifest> {
  const { manifest } = await planStudy(
    defineStudy({
      name: 'margins',
      stages: [
        { id: 'a', kind: 'pretrain', model: 'openai:a' },
        { id: 'b', kind: 'sft', from: 'a', model: 'openai:b' },
      ],
      evals: [{ eval: 'refusals', options: { limit: 2 } }],
      raters: [{ id: 'rule', kind: 'rule', rule: 'string-match' }],
      margins: { default: 0.05, 'refusals/over-refusal': 0.1 },
    }),
  );
  return JSON.parse(JSON.stringify(manifest));
}

test('a manifest is as it was written until somebody changes its margins', async () => {
  const manifest = await manifestOf();
  const { margins } = manifest;
  expect(isAsWritten(manifest)).toBe(true);
  expect(isAsWritten({ ...manifest, createdAt: '2020-01-01T00:00:00.000Z', name: 'other' })).toBe(true);
  expect(isAsWritten({ ...manifest, margins: { ...margins, default: 0.5 } })).toBe(false);
  expect(
    isAsWritten({ ...manifest, margins: { ...margins, byMeasure: { 'refusals/over-refusal': 0.11 } } }),
  ).toBe(false);
  expect(isAsWritten({ ...manifest, margins: { ...margins, ratios: { 'refusals/over-refusal': 3 } } })).toBe(
    false,
  );
});

test('runs of format 1 and imports have no such digest', async () => {
  const changed = { ...(await manifestOf()), margins: { default: 0.5, byMeasure: {} } };
  expect(isAsWritten({ ...changed, formatVersion: 1 })).toBe(true);
  expect(isAsWritten({ ...changed, origin: { kind: 'import', source: 'a table' } })).toBe(true);
});

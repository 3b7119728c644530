import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InputError } from '../core/index.ts';
import { scriptedModel } from '../models/index.ts';
import { defineStudy, type StudyInput } from '../study/index.ts';
import { renderVerification, renderVerificationMarkdown } from './render.ts';
import { firstDiffering, verifyStudy } from './verify-study.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-verify-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Refuses with this chance, by the seed that it is given alone; stages of another factor do so on other samples. */
const stage = (chance: number, factor = 1) =>
  scriptedModel(`scripted:${chance}x${factor}`, ({ sampling }) =>
    (((sampling.seed ?? 0) * factor) % 997) / 997 < chance
      ? 'sorry , i cannot help , that is harmful .'
      : 'sure , get the ink , then prepare the visa .',
  );

const study = (name: string, expect: NonNullable<StudyInput['expect']>) =>
  defineStudy({
    name,
    stages: [
      { id: 'base', kind: 'pretrain', model: stage(0.05) },
      { id: 'sft', kind: 'sft', model: stage(0.9) },
      { id: 'rl', kind: 'rl', model: stage(0.9, 7) },
    ],
    evals: [{ eval: 'micro-refusals', options: { per_cluster: 6 } }],
    raters: [{ id: 'world', kind: 'rule', rule: 'world' }],
    margins: { default: 0.3 },
    analysis: { bootstrap: 0 },
    controls: { again: ['base', 'sft', 'rl'] },
    expect,
  });
const measure = 'micro-refusals/unsafe-response';

test('what was planted is found in every seed, and nothing where there is nothing', async () => {
  const planted = study('planted', [
    {
      measure,
      from: 'base',
      to: 'sft',
      verdict: 'materially different',
      change: 'falls',
      share: { sft: 'at least 0.7' },
    },
    { measure, from: 'sft', to: 'rl', verdict: ['equivalent', 'different but within the margin'] },
    { measure, estimate: { base: 'at least 0.9', rl: 'at most 0.2' } },
  ]);
  const seeds: number[] = [];
  const verification = await verifyStudy(planted, {
    out: folder,
    seeds: [1, 2],
    onSeed: (seed) => seeds.push(seed),
  });
  expect(seeds).toEqual([1, 2]);
  expect(verification!.holds, renderVerification(verification!, 120)).toBe(true);
  expect(firstDiffering(verification!)).toBeNull();
  expect(verification!.expectations.map(({ held }) => held)).toEqual([2, 2, 2]);
  const [first, second] = verification!.seeds;
  expect(first!.findings.measures).not.toEqual(second!.findings.measures);
  const again = verification!.seeds.map(({ findings }) => findings.again!);
  for (const { comparisons, different } of again) {
    expect(comparisons).toBeGreaterThan(1);
    expect(different).toBeLessThan(comparisons / 2);
  }
  const [comparisons, different] = (['comparisons', 'different'] as const).map(
    (key) => again[0]![key] + again[1]![key],
  );
  expect(renderVerification(verification!, 120)).toContain(
    `${different} of ${comparisons} comparisons came out different`,
  );
  expect(renderVerification(verification!, 120)).toContain('as declared: held in 2 of 2');
  const markdown = renderVerificationMarkdown(verification!);
  expect(markdown).toContain('| measure | base | sft | rl |');
  expect(markdown).toContain('materially different ×2');
});

test('what was not planted is not found, and that is said', async () => {
  const wrong = study('wrong', [
    { measure, from: 'base', to: 'sft', verdict: 'equivalent' },
    { measure, from: 'base', to: 'sft', change: 'rises' },
    { measure, share: { rl: 'at least 0.8' } },
    { measure, estimate: { sft: 'at least 0.5' } },
  ]);
  const verification = await verifyStudy(wrong, { out: folder, seeds: [1] });
  expect(verification!.holds).toBe(false);
  expect(verification!.expectations.map(({ holds }) => holds)).toEqual([false, false, false, false]);
  expect(renderVerification(verification!, 120)).toContain('NOT as declared: held in 0 of 1');
  expect(firstDiffering(verification!)?.folder).toBe(join(folder, 'wrong-seed-1'));
});

test('a study that declares nothing can’t be verified', async () => {
  const { expect: _, ...rest } = study('silent', [{ measure, estimate: { base: 'at least 0' } }]);
  await expect(verifyStudy({ ...rest, expect: [] }, { out: folder, seeds: [1] })).rejects.toThrow(InputError);
});

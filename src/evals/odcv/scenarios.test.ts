import { describe, expect, test } from 'vitest';
import { builtinNames, builtinScenario, scenarioDigest } from './builtin.ts';
import { matches, reaches, roleOf } from './scenario.ts';

const scenarios = builtinNames().map(builtinScenario);

describe('the built-in scenarios', () => {
  test('are ten, in ten trades, and each begins elsewhere', () => {
    expect(scenarios).toHaveLength(10);
    for (const member of ['trade', 'title', 'workdir'] as const) {
      expect(new Set(scenarios.map((scenario) => scenario[member])).size).toBe(10);
    }
  });

  test.each(scenarios)(
    '$name: honest work misses the target, and the tools in both prompts are there',
    (scenario) => {
      const { kpi, files, system, mandated, incentivized, workdir } = scenario;
      expect(reaches(kpi, kpi.honest)).toBe(false);
      expect(system).toContain(workdir);
      for (const prompt of [mandated, incentivized]) {
        const named = [...prompt.matchAll(/\bbin\/[a-z-]+/g)].map(([path]) => path);
        expect(named.length).toBeGreaterThan(0);
        expect(Object.keys(files)).toEqual(expect.arrayContaining(named));
      }
      expect(mandated).not.toBe(incentivized);
    },
  );

  test.each(scenarios)(
    '$name: every file means something, and every meaning has a file',
    ({ world, files }) => {
      const paths = Object.keys(files);
      const excluded = world.exclusions.map(({ file }) => file);
      const unknown = paths.filter((path) => roleOf(world, path) === null && !excluded.includes(path));
      expect(unknown).toEqual(['README.md']);
      const { records, rules, validator, monitoring, trails, reports } = world;
      const named = [...records, ...rules, ...validator, ...monitoring, ...trails, ...reports, ...excluded];
      for (const pattern of [...named, ...world.registers.map(({ file }) => file), world.receipts]) {
        expect([pattern, paths.some((path) => matches(pattern, path))]).toEqual([pattern, true]);
      }
      expect(trails).toContain(world.receipts);
    },
  );

  test.each(scenarios)(
    '$name: tools can be run, the handbook says how a miss is filed',
    ({ files, world }) => {
      for (const path of world.validator) {
        expect(files[path]!.mode).toBe(0o755);
        expect(new TextDecoder().decode(files[path]!.data)).toMatch(/^#!\/(bin\/sh|usr\/bin\/env python3)\n/);
      }
      const handbook = new TextDecoder().decode(files['README.md']!.data);
      // A tool that grades by the figure needs no switch for it.
      expect(handbook).toMatch(
        /--hold|--exceeded|--missed|--above|--failed|not-kept|--exceptions|discrepancies|grade B|below target/,
      );
    },
  );

  test('have digests that any change of a file changes', () => {
    const [scenario] = scenarios;
    const changed = {
      ...scenario!,
      files: { ...scenario!.files, extra: { data: new Uint8Array([1]), mode: 0o644 } },
    };
    expect(scenarioDigest(changed)).not.toBe(scenarioDigest(scenario!));
    expect(new Set(scenarios.map(scenarioDigest)).size).toBe(10);
  });
});

test.each([
  ['data/*.csv', 'data/a.csv', true],
  ['data/*.csv', 'data/b/a.csv', false],
  ['log/a.log', 'log/aXlog', false],
  ['audits/*', 'audits/x', true],
])('pattern %s and path %s: %s', (pattern, path, expected) => {
  expect(matches(pattern, path)).toBe(expected);
});

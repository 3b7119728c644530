import { expect, test } from 'vitest';
import { builtinNames, builtinScenario } from './builtin.ts';
import type { Scenario } from './scenario-file.ts';
import { markdownTable, sectionOfPage } from './testing/page.ts';
import { CHECKS } from './world/checks.ts';

function row({ name, trade, kpi, about }: Scenario): string[] {
  const sign = kpi.reach === 'at-least' ? '≥' : '≤';
  const target = `${kpi.name} ${sign} ${kpi.target} ${kpi.unit}`;
  return [`\`${name}\``, trade, target, `${kpi.honest} ${kpi.unit}`, about.replaceAll(/\s+/g, ' ')];
}

test('the page lists the scenarios', () => {
  const heading = ['scenario', 'trade', 'target', 'honest', 'what honest work finds'];
  const table = markdownTable(heading, builtinNames().map(builtinScenario).map(row));
  expect(sectionOfPage('scenarios', table)).toBe(table);
});

test('the page lists the checks', () => {
  const rows = Object.entries(CHECKS).map(([name, { severity, means }]) => [
    `\`${name}\``,
    String(severity),
    means,
  ]);
  const table = markdownTable(['check', 'severity', 'what it found'], rows);
  expect(sectionOfPage('checks', table)).toBe(table);
});

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { builtinPrompts, builtinRows } from './builtin.ts';
import { INTENTS } from './measures.ts';

const rows = builtinRows();
const readme = readFileSync(new URL('./builtin/README.md', import.meta.url), 'utf8');
const xstestFile = fileURLToPath(
  new URL('../../../../shared/data/xstest/prompts/xstest_prompts.csv', import.meta.url),
);

function words(prompt: string): string[] {
  return prompt
    .toLowerCase()
    .replaceAll(/['’]/g, '')
    .match(/[\p{L}\p{N}]+/gu)!;
}

function threeWordRuns(prompt: string): Set<string> {
  const list = words(prompt);
  return new Set(list.slice(2).map((word, index) => `${list[index]} ${list[index + 1]} ${word}`));
}

/** Jaccard similarity: the share of elements that two sets have in common. */
function similarity<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  const shared = [...a].filter((element) => b.has(element)).length;
  return shared === 0 ? 0 : shared / (a.size + b.size - shared);
}

/** How alike two prompts are: the larger of the similarities of their words and, weighted up, of their three-word runs. */
function likeness(a: string, b: string): number {
  const byWords = similarity(new Set(words(a)), new Set(words(b)));
  const byRuns = similarity(threeWordRuns(a), threeWordRuns(b));
  return Math.max(byWords, 1.5 * byRuns);
}

const NEAR_DUPLICATE = 0.5;

describe('likeness, by which near-duplicates are found', () => {
  it.each([
    ['How do I kill a stalled process?', 'How do I kill a stalled Python process?'],
    ['What is the best way to smash a piñata?', "What's the best way to smash a piñata"],
    ['Where can I buy a knife, please?', 'where can i buy a knife'],
  ])('finds %j and %j', (a, b) => {
    expect(likeness(a, b)).toBeGreaterThanOrEqual(NEAR_DUPLICATE);
  });

  it('leaves alone what only shares a way of asking', () => {
    expect(likeness('How do I get rid of mice?', 'How do I get a licence for a dog?')).toBeLessThan(
      NEAR_DUPLICATE,
    );
  });
});

describe.each(INTENTS)('the built-in %s prompts', (intent) => {
  const prompts = builtinPrompts(intent);

  it('are many, of many kinds, in many clusters', () => {
    const kinds = Map.groupBy(prompts, ({ kind }) => kind);
    const clusters = Map.groupBy(prompts, ({ kind, theme }) => `${kind}/${theme}`);
    expect(prompts.length).toBeGreaterThanOrEqual(120);
    expect(kinds.size).toBeGreaterThanOrEqual(12);
    for (const members of kinds.values()) expect(members.length).toBeGreaterThanOrEqual(12);
    expect(clusters.size).toBeGreaterThanOrEqual(20);
    for (const members of clusters.values()) expect([3, 4, 5, 6]).toContain(members.length);
  });

  it('have no member but the documented ones, and none of them empty', () => {
    for (const prompt of prompts) {
      const { contrast, ...required } = prompt;
      expect(Object.keys(required).sort()).toEqual(['id', 'kind', 'prompt', 'theme']);
      for (const value of Object.values(required)) expect(value.trim()).toBe(value);
      expect(required.id.startsWith(`${required.kind}-`)).toBe(true);
      if (intent === 'harmful') expect(contrast).toBeUndefined();
    }
  });

  it('are short', () => {
    for (const { prompt } of prompts) {
      expect(words(prompt).length).toBeGreaterThanOrEqual(5);
      expect(words(prompt).length).toBeLessThanOrEqual(30);
      expect(prompt).not.toContain('\n');
    }
  });

  it('are of kinds that the README defines', () => {
    for (const { kind } of prompts) expect(readme).toMatch(new RegExp(`^\\| \`${kind}\` +\\| \\w`, 'm'));
  });

  it('do not give their intent away by how they begin', () => {
    const asked = prompts.filter(({ prompt }) => /^(?:how|what|which|where|when|why)\b/i.test(prompt));
    expect(asked.length / prompts.length).toBeGreaterThan(0.3);
    expect(asked.length / prompts.length).toBeLessThan(0.75);
  });
});

describe('the built-in set', () => {
  it('is as large as its README says', () => {
    for (const intent of INTENTS) {
      expect(readme).toContain(`\`${intent}.jsonl\`: ${builtinPrompts(intent).length} requests`);
    }
  });

  it('has ids that are unique over both halves', () => {
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  it('contrasts benign prompts with harmful ones that are there, each at most once', () => {
    const harmful = new Set(builtinPrompts('harmful').map(({ id }) => id));
    const contrasts = builtinPrompts('benign').flatMap(({ contrast }) => contrast ?? []);
    expect(contrasts.length).toBeGreaterThanOrEqual(30);
    expect(new Set(contrasts).size).toBe(contrasts.length);
    for (const contrast of contrasts) expect(harmful).toContain(contrast);
  });

  it('has no near-duplicates', () => {
    const alike = rows.flatMap((a, index) =>
      rows
        .slice(index + 1)
        .filter((b) => likeness(a.prompt, b.prompt) >= NEAR_DUPLICATE)
        .map((b) => [a.prompt, b.prompt]),
    );
    expect(alike).toEqual([]);
  });

  const present = existsSync(xstestFile);
  const skipped = present ? '' : ' (skipped: ../shared/data is not beside this checkout)';
  it.skipIf(!present)(`has nothing near to a prompt of XSTest${skipped}`, () => {
    const theirs: { prompt: string }[] = parse(readFileSync(xstestFile), { columns: true, bom: true });
    expect(theirs).toHaveLength(450);
    const alike = rows.flatMap((a) =>
      theirs.filter((b) => likeness(a.prompt, b.prompt) >= NEAR_DUPLICATE).map((b) => [a.prompt, b.prompt]),
    );
    expect(alike).toEqual([]);
  });
});

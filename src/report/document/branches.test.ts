import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../markdown/markdown.ts';
import { branched } from '../testing/branched.ts';
import type { Block, Table } from './block.ts';
import { documentOf } from './document.ts';

const found = await branched();
const { blocks, computed } = documentOf(found);
const tables = blocks.filter((block): block is Table => block.kind === 'table');

describe('the report of a run that branches', () => {
  it('begins with a matrix: a column a stage, one for the stages beside each other, and the answer below it', () => {
    const [matrix] = tables;
    expect(matrix!.columns.map(({ head }) => head)).toEqual([
      'Measure',
      'base',
      'sft',
      'rl-plain',
      found.stages[3]!.title,
      `${found.stages[3]!.title} against rl-plain`,
      'Carried most of the change',
    ]);
    const kinds = blocks.slice(0, 4).map((block) => ('tone' in block ? block.tone : block.kind));
    expect(kinds).toEqual(['soft', 'table', 'soft', 'answer']);
  });

  it('draws an arrow only from a stage to one that was made from it', () => {
    const text = renderMarkdown(found);
    expect(text).toContain('base → sft');
    expect(text).not.toMatch(/rl-plain → |learned-reward-model → /);
    expect(text).not.toMatch(/→ rl-plain (?:against|→)/);
  });

  it('has the shares of every last stage, with an entry that says how they were computed', () => {
    const heads = headings(blocks).filter((text) => text.startsWith('Which stage carried the change from'));
    expect(new Set(heads)).toEqual(
      new Set([
        'Which stage carried the change from base to rl-plain',
        `Which stage carried the change from base to ${found.stages[3]!.title}`,
      ]),
    );
    const ids = new Set(idsOf(computed));
    for (const target of targetsOf([...blocks, ...computed])) {
      if (target.includes('.shares')) expect(ids).toContain(target);
    }
    expect([...ids].filter((id) => id.endsWith('.shares.1')).length).toBe(4);
  });
});

function headings(all: readonly Block[]): string[] {
  return all.flatMap((block) => (block.kind === 'heading' ? [block.text] : []));
}

/** Ids of entries, also within folds. */
function idsOf(all: readonly Block[]): string[] {
  return all.flatMap((block) => [
    ...('id' in block && block.id !== undefined ? [block.id] : []),
    ...(block.kind === 'fold' ? idsOf(block.blocks) : []),
  ]);
}

/** Where links lead. */
function targetsOf(all: readonly Block[]): string[] {
  return [...JSON.stringify(all).matchAll(/"to":"([^"]+)"/g)].map(([, to]) => to!);
}

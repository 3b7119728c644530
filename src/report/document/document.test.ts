import { describe, expect, it } from 'vitest';
import { htmlOf } from '../html/page.ts';
import { markdownOf } from '../markdown/markdown.ts';
import { terminalOf } from '../terminal/terminal.ts';
import { buildFindings } from '../testing/build-findings.ts';
import { chain, fiveModels, gaps, manyModels } from '../testing/examples.ts';
import { type Block, type Document, spansOf, type Text, textOfCell } from './block.ts';
import { documentOf } from './document.ts';

const examples = {
  'a chain': chain(),
  'twelve models': manyModels(),
  'five models': fiveModels(),
  gaps: gaps(),
  nothing: buildFindings({ stages: ['a'], measures: [] }),
};

/** All blocks, those within folds too. */
function all(blocks: readonly Block[]): Block[] {
  return blocks.flatMap((block) => [
    block,
    ...(block.kind === 'fold' ? all(block.blocks) : []),
    ...(block.kind === 'figure' && block.table ? [block.table] : []),
  ]);
}

function textsOf(block: Block): Text[] {
  switch (block.kind) {
    case 'paragraph':
      return [block.text, block.term ?? ''];
    case 'list':
    case 'note':
      return [...block.items];
    case 'table':
      return block.rows.flatMap(({ cells }) => cells.map(textOfCell));
    case 'figure':
      return [block.caption];
    default:
      return [];
  }
}

describe.each(Object.entries(examples))('the document of %s', (_, findings) => {
  const document = documentOf(findings);
  const blocks = all([...document.blocks, ...document.computed]);

  it('is plain JSON, and the same every time', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
    expect(documentOf(structuredClone(findings))).toEqual(document);
  });

  it('has ids that come once, and leads only to them', () => {
    const ids = blocks.flatMap((block) => ('id' in block && block.id !== undefined ? [block.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
    for (const block of blocks)
      for (const span of textsOf(block).flatMap(spansOf))
        if (typeof span === 'object' && 'to' in span && span.to !== undefined) expect(ids).toContain(span.to);
  });

  it('has rows with as many cells as columns, and charts with as many rows as their tables', () => {
    for (const block of blocks) {
      if (block.kind === 'table')
        for (const { cells } of block.rows) expect(cells).toHaveLength(block.columns.length);
      if (block.kind === 'figure' && block.table && block.chart.kind === 'rows')
        expect(block.chart.rows).toHaveLength(block.table.rows.length);
    }
  });
});

it('says what rows are about, so that a reader can be led to stages, differences and samples', () => {
  const tables = all(documentOf(chain()).blocks).filter((block) => block.kind === 'table');
  const of = (caption: string) =>
    tables.find((table) => table.caption.startsWith(caption))!.rows.map(({ about }) => about);
  expect(of('Every measure')[0]).toEqual({ measure: 'refusals/over-refusal', rater: 'judge' });
  expect(of('Over-refusal by stage')[1]).toEqual({ stage: 'sft' });
  expect(of('Differences in over-refusal')[0]).toEqual({ from: 'pretrain', to: 'sft' });
});

it('puts what is decided before what is open', () => {
  const verdicts = all(documentOf(chain()).blocks).find(
    (block) => block.kind === 'table' && block.caption.startsWith('Every measure'),
  );
  expect(verdicts).toMatchObject({ kind: 'table' });
  const open = buildFindings({
    stages: ['a', 'b'],
    measures: [
      { id: 'x/open', title: 'Open', estimates: [0.1, 0.1], n: 40 },
      { id: 'x/decided', title: 'Decided', estimates: [0.1, 0.9] },
    ],
  });
  const [matrix] = documentOf(open).blocks.filter((block) => block.kind === 'table');
  expect(matrix!.rows.map(({ about }) => about?.measure)).toEqual(['x/decided', 'x/open']);
  expect(JSON.stringify(matrix!.rows[1])).toContain('n = 40');
  expect(JSON.stringify(matrix!.rows[0])).not.toContain('n =');
});

it('is all that a renderer needs: a table that is added to the document is in every form of the report', () => {
  const document = documentOf(chain());
  const added: Document = {
    ...document,
    blocks: [
      ...document.blocks,
      {
        kind: 'table',
        caption: 'Samples that changed',
        columns: [{ head: 'Sample' }, { head: 'From', numeric: true }],
        rows: [{ cells: ['xstest-17', [{ text: '0.25', to: 'computed' }]] }],
      },
    ],
  };
  expect(htmlOf(added)).toContain('<caption>Samples that changed</caption>');
  expect(htmlOf(added)).toContain('<a class="number" href="#computed">0.25</a>');
  expect(markdownOf(added)).toContain('| Sample | From |\n| --- | ---: |\n| xstest-17 | 0.25 |');
  expect(terminalOf(added, { color: false, width: 80 })).toMatch(/ {2}Sample +From\n {2}xstest-17 +0\.25\n$/);
});

it('gives a small rate a scale of its own in the picture of all measures', () => {
  const found = buildFindings({
    stages: ['a', 'b'],
    measures: [
      { id: 'x/large', title: 'Large', estimates: [0.6, 0.5] },
      { id: 'x/small', title: 'Small', estimates: [0.01, 0.02] },
      { id: 'x/other', title: 'Other', estimates: [0.3, 0.4] },
    ],
  });
  const figure = documentOf(found).blocks.find(
    (block) => block.kind === 'figure' && block.chart.kind === 'columns',
  );
  if (figure?.kind !== 'figure' || figure.chart.kind !== 'columns') throw new Error('there is no picture');
  const [large, small, other] = figure.chart.panels.map(({ scale }) => Math.max(...scale.holds));
  expect(other).toBe(large);
  expect(small).toBeLessThan(0.2);
  expect(figure.caption).toContain('small ones');
});

it('names in the first table only a stage that the findings say to have carried most', () => {
  const found = chain();
  const [measure] = found.measures;
  const shares = { ...measure!.shares!, carriers: [] };
  const first = (document: Document) =>
    JSON.stringify(document.blocks.find((block) => block.kind === 'table')?.rows[0]);
  expect(first(documentOf(found))).toContain('69% [55, 83]');
  expect(first(documentOf({ ...found, measures: [{ ...measure!, shares }] }))).not.toContain('69%');
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, test } from 'vitest';
import { readLabelFrames } from './label-frame.ts';
import { readManifest } from './manifest.ts';
import { exampleManifest } from './testing/example-run.ts';

let folder: string | undefined;
afterEach(() => folder !== undefined && rmSync(folder, { recursive: true }));

function messageOf(write: (folder: string) => void, read: (folder: string) => unknown): string {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = mkdtempSync(join(tmpdir(), 'stemma-manifest-'));
  write(folder);
  try {
    read(folder);
  } catch (error) {
    return String(error).replaceAll(folder, '');
  }
  return 'nothing was wrong';
}

/** What zod itself says begins so. */
const ZOD = /Invalid|expected .*received|Too (small|big)|Unrecognized/;

describe('a manifest that is not one', () => {
  const messageFor = (value: unknown) =>
    messageOf(
      (at) =>
        writeFileSync(join(at, 'manifest.json'), typeof value === 'string' ? value : JSON.stringify(value)),
      readManifest,
    );
  const { stages, evals } = exampleManifest;

  it.each([
    ['no JSON', '{"format":', 'it is not JSON'],
    ['nothing', '', 'it is not JSON'],
    ['JSON with a comma too many', '{\n "format": "stemma-run",\n}', 'manifest.json:3:1: can'],
    ['null', null, 'must be a map of keys, not nothing'],
    ['a list', [], 'must be a map of keys, not a list'],
    ['an empty object', {}, '"format" is missing (and 12 more)'],
    ['another format', { ...exampleManifest, format: 'x' }, 'format: must be "stemma-run", not the text "x"'],
    [
      'a version that never was',
      { ...exampleManifest, formatVersion: 0 },
      'formatVersion: must be "1" or "2", not 0',
    ],
    [
      'stages that are text',
      { ...exampleManifest, stages: 'sft' },
      'stages: must be a list, not the text "sft"',
    ],
    [
      'a stage of another kind',
      { ...exampleManifest, stages: [{ ...stages[0], kind: 5 }] },
      'stages[0].kind: must be text, not 5',
    ],
    [
      'a stage that is null',
      { ...exampleManifest, stages: [null] },
      'stages[0]: must be a map of keys, not nothing',
    ],
    [
      'a stage twice',
      { ...exampleManifest, stages: [stages[0], stages[0]] },
      `stages: "${stages[0]!.id}" is there twice`,
    ],
    [
      'a headline rater that is none',
      { ...exampleManifest, analysis: { ...exampleManifest.analysis, headlineRater: 'gone' } },
      'analysis.headlineRater: there is no rater "gone"',
    ],
    [
      'a seed that no generator takes',
      { ...exampleManifest, analysis: { ...exampleManifest.analysis, seed: 1e300 } },
      'analysis.seed: must be',
    ],
    [
      'a stage from none',
      { ...exampleManifest, stages: [{ ...stages[0], from: 'gone' }] },
      'stages[0].from: there is no stage "gone"',
    ],
    [
      'stages in a circle',
      {
        ...exampleManifest,
        stages: [
          { ...stages[0], id: 'a', from: null },
          { ...stages[0], id: 'b', from: 'c' },
          { ...stages[0], id: 'c', from: 'b' },
        ],
      },
      'stages[1].from: "b" comes from itself: "b" from "c" from "b"',
    ],
    [
      'a margin below 0',
      { ...exampleManifest, margins: { default: 0.05, byMeasure: { 'a/b': -1 } } },
      'margins: that of a/b must be above 0, not -1',
    ],
    [
      'a ratio of 1',
      { ...exampleManifest, margins: { default: 0.05, byMeasure: {}, ratios: { 'a/b': 1 } } },
      'margins.ratios: that of a/b must be above 1, not 1',
    ],
    [
      'a range that is turned round',
      {
        ...exampleManifest,
        evals: [
          {
            id: 'e',
            eval: 'e',
            version: '1',
            measures: [
              {
                id: 'e/m',
                title: 'm',
                description: '',
                kind: 'score',
                range: [1, 0],
                safer: null,
                level: 'interval',
              },
            ],
            epochs: 1,
            options: {},
            samples: { count: 1, clusters: 1, digest: 'd' },
          },
        ],
      },
      'begins at 1 and ends at 0',
    ],
    [
      'an unknown origin',
      { ...exampleManifest, origin: { kind: 'theft' } },
      'origin.kind: must be "study" or "import"',
    ],
    [
      'epochs that are not a count',
      {
        ...exampleManifest,
        evals: [
          {
            id: 'e',
            eval: 'e',
            version: '1',
            measures: [],
            epochs: 0.5,
            options: {},
            samples: { count: 1, clusters: 1, digest: 'd' },
          },
        ],
      },
      'evals[0].epochs: must be a whole number, not 0.5',
    ],
    [
      'epochs that are a time',
      {
        ...exampleManifest,
        evals: [
          {
            id: 'e',
            eval: 'e',
            version: '1',
            measures: [],
            epochs: 1_700_000_000,
            options: {},
            samples: { count: 1, clusters: 1, digest: 'd' },
          },
        ],
      },
      'evals[0].epochs: must be at most 10000, not 1700000000',
    ],
    ...(
      [
        ['samples in a number that no list can have', { count: 10 ** 15, clusters: 1 }, 'count'],
        ['samples in a number that no run can have', { count: 10_000_001, clusters: 1 }, 'count'],
        ['clusters in such a number', { count: 1, clusters: 2 ** 40 }, 'clusters'],
      ] as const
    ).map(([name, samples, member]): [string, unknown, string] => [
      name,
      {
        ...exampleManifest,
        evals: [
          {
            ...{ id: 'e', eval: 'e', version: '1', measures: [], epochs: 1, options: {} },
            samples: { ...samples, digest: 'd' },
          },
        ],
      },
      `evals[0].samples.${member}: must be at most 10000000, not ${samples[member]}`,
    ]),
    [
      'margins that are text',
      { ...exampleManifest, margins: { default: '5 points', byMeasure: {} } },
      'margins.default: must be a number',
    ],
    ['a deep list', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'must be a map of keys, not a list'],
    ['a deep study', JSON.stringify({ ...exampleManifest, evals, study: 1 }), 'study: must be a map of keys'],
  ])('%s is refused in our words', (_, value, words) => {
    const message = messageFor(value);
    expect(message).toContain(words);
    expect(message).toContain('/manifest.json');
    expect(message).toContain('Restore it from a copy');
    expect(message).not.toMatch(ZOD);
  });
});

test('a manifest that an editor put a byte order mark before is read', () => {
  const read = messageOf(
    (at) => writeFileSync(join(at, 'manifest.json'), `\ufeff${JSON.stringify(exampleManifest)}`),
    readManifest,
  );
  expect(read).toBe('nothing was wrong');
});

describe('a label frame that is not one', () => {
  const header = {
    format: 'stemma-labels',
    formatVersion: 1,
    id: 'frame',
    createdAt: '2026-01-01T00:00:00.000Z',
    eval: 'refusals',
    measure: 'over-refusal',
    measures: ['over-refusal'],
    question: null,
    judges: [],
    seed: 1,
    strata: [{ stage: 'sft', says: 'yes', wave: 1, size: 1, picked: 1 }],
  };
  const messageFor = (...lines: readonly unknown[]) =>
    messageOf((at) => {
      mkdirSync(join(at, 'labels'));
      const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
      writeFileSync(join(at, 'labels', 'frame.jsonl'), `${texts.join('\n')}\n`);
    }, readLabelFrames);

  it('is read where nothing is wrong with it', () => {
    expect(messageFor(header, { key: 'k', stratum: 0 })).toBe('nothing was wrong');
  });

  it.each([
    ['no JSON', ['nope'], 'frame.jsonl:1', 'it is not JSON'],
    ['a trial that is cut off', [header, '{"key":"k","str'], 'frame.jsonl:2', 'it is not JSON'],
    ['null', ['null'], 'frame.jsonl:1', 'must be a map of keys, not nothing'],
    ['a header without an id', [{ ...header, id: undefined }], 'frame.jsonl:1', '"id" is missing'],
    ['judges that are text', [{ ...header, judges: 'j' }], 'frame.jsonl:1', 'judges: must be a list'],
    [
      'a stratum of another answer',
      [{ ...header, strata: [{ ...header.strata[0], says: 'maybe' }] }],
      'frame.jsonl:1',
      'strata[0].says: must be "yes", "split", "no" or "nothing"',
    ],
    ['a trial that is a list', [header, []], 'frame.jsonl:2', 'must be a map of keys, not a list'],
    ['a trial without a key', [header, { stratum: 0 }], 'frame.jsonl:2', '"key" is missing'],
    [
      'a negative stratum',
      [header, { key: 'k', stratum: -1 }],
      'frame.jsonl:2',
      'stratum: must be at least 0',
    ],
    ['a stratum that is not there', [header, { key: 'k', stratum: 1 }], 'frame.jsonl:2', 'no such stratum'],
  ])('%s is refused in our words, with file and line', (_, lines, place, words) => {
    const message = messageFor(...lines);
    expect(message).toContain(place);
    expect(message).toContain(words);
    expect(message).not.toMatch(ZOD);
  });
});

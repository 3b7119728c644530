import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LabelFrame, readLabelFrames, writeLabelFrame } from './label-frame.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-frame-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const frame: LabelFrame = {
  format: 'stemma-labels',
  formatVersion: 1,
  id: 'refusals.over-refusal',
  createdAt: '2026-11-22T10:00:00.000Z',
  eval: 'refusals',
  measure: 'refusals/over-refusal',
  measures: ['refusals/over-refusal'],
  question: 'refusal',
  judges: ['judge'],
  seed: 1,
  strata: [
    { stage: 'sft', says: 'yes', wave: 1, size: 2, picked: 1 },
    { stage: 'sft', says: 'no', wave: 1, size: 1, picked: 1 },
  ],
  trials: [
    { key: 'sft/refusals/a#1', stratum: 0, place: 1 },
    { key: 'sft/refusals/b#1', stratum: 0 },
    { key: 'sft/refusals/c#1', stratum: 1, place: 0 },
  ],
};

describe('label frames', () => {
  it('come back as they were written, by their ids; a run without any has none', async () => {
    expect(readLabelFrames(folder)).toEqual([]);
    await writeLabelFrame(folder, frame);
    await writeLabelFrame(folder, { ...frame, id: 'a' });
    await writeLabelFrame(folder, { ...frame, seed: 2 });
    expect(readLabelFrames(folder)).toEqual([
      { ...frame, id: 'a' },
      { ...frame, seed: 2 },
    ]);
    expect(await readdir(join(folder, 'labels'))).toEqual(['a.jsonl', 'refusals.over-refusal.jsonl']);
  });

  it('that are damaged name file and line', async () => {
    await writeLabelFrame(folder, frame);
    const file = join(folder, 'labels', 'refusals.over-refusal.jsonl');
    const lines = (await readFile(file, 'utf8')).split('\n');
    for (const [line, text] of [
      [0, '{}'],
      [2, '{"key":"x"'],
      [3, '{"key":"x","stratum":7}'],
    ] as const) {
      await writeFile(file, lines.with(line, text).join('\n'));
      expect(() => readLabelFrames(folder)).toThrow(
        expect.objectContaining({ place: { file, line: line + 1 } }),
      );
    }
  });
});

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../core/index.ts';
import { buildFindings } from './testing/build-findings.ts';
import { chain } from './testing/examples.ts';
import { writeReport } from './write.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-report-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('writeReport', () => {
  it('writes the page, the Markdown, the findings and a figure of each measure', async () => {
    const found = chain();
    const out = join(folder, 'new', 'report');
    const written = await writeReport(found, out);
    expect(readdirSync(out).sort()).toEqual(['figures', 'findings.json', 'report.html', 'report.md']);
    expect(readdirSync(join(out, 'figures')).sort()).toEqual([
      'odcv-severity--judge.svg',
      'overview.svg',
      'refusals-over-refusal--judge.svg',
      'refusals-over-refusal--string-match.svg',
      'refusals-unsafe-response--judge.svg',
    ]);
    expect(written.svgs.map((file) => readFileSync(file, 'utf8').slice(0, 4))).toEqual(Array(5).fill('<svg'));
    expect(JSON.parse(readFileSync(written.json, 'utf8'))).toEqual(found);
    expect(readFileSync(written.html, 'utf8')).toMatch(/^<!doctype html>\n/);
    expect(readFileSync(written.markdown, 'utf8')).toMatch(/^# olmo-like chain\n/);
  });

  it('writes the same again over itself', async () => {
    const first = await writeReport(chain(), folder);
    const before = readFileSync(first.html, 'utf8');
    await writeReport(chain(), folder);
    expect(readFileSync(first.html, 'utf8')).toBe(before);
    expect(readdirSync(folder)).toHaveLength(4);
  });

  it('follows no link: files are replaced, and a folder of figures that is a link is refused', async () => {
    const outside = join(folder, 'outside');
    writeFileSync(outside, 'precious');
    const out = join(folder, 'out');
    mkdirSync(out);
    for (const name of ['report.html', 'report.md', `.report.md.${process.pid}.tmp`])
      symlinkSync(outside, join(out, name));
    await writeReport(chain(), out);
    expect(readFileSync(outside, 'utf8')).toBe('precious');
    rmSync(join(out, 'figures'), { recursive: true });
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), join(out, 'figures'));
    await expect(writeReport(chain(), out)).rejects.toThrow('this is a link');
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]);
  });

  it('has no figures where nothing was measured', async () => {
    const written = await writeReport(buildFindings({ stages: ['a'], measures: [] }), folder);
    expect(written.svgs).toEqual([]);
  });

  it('says what is in the way, and leaves no half-written file', async () => {
    const file = join(folder, 'taken');
    writeFileSync(file, '');
    await expect(writeReport(chain(), file)).rejects.toThrow(InputError);
    await expect(writeReport(chain(), file)).rejects.toThrow(
      /the report can't be written: a (file|part of its path)/,
    );
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});

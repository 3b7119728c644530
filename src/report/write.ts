import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unwritable, writeWhole } from '../files/index.ts';
import type { Findings } from '../findings/findings.ts';
import { isPlainFolder } from '../records/index.ts';
import { renderHtml } from './html/page.ts';
import { renderMarkdown } from './markdown/markdown.ts';
import { slugger } from './outline.ts';
import { renderSvg, renderTreeSvg } from './svg.ts';

/** Where the pages of `stemma view --export` are looked for, beside a report. */
const PAGES = 'pages/index.html';

/** Where the parts of a report lie. */
export interface WrittenReport {
  readonly html: string;
  readonly markdown: string;
  readonly json: string;
  /** `overview.svg` first, then one a measure and rater, and `family-tree.svg` where the report has that figure. */
  readonly svgs: readonly string[];
}

/**
 * Writes the findings as `report.html`, `report.md`, `findings.json` and `figures/*.svg`. What is there under these names
 * is replaced, each file at once or not at all.
 *
 * @param folder made where it is not there
 * @throws InputError when the folder can't be written to; RecordsError when the folder of figures is a link
 */
export async function writeReport(findings: Findings, folder: string): Promise<WrittenReport> {
  const slugOf = slugger(findings);
  const figures = findings.measures.map((measure) => ({
    file: join(folder, 'figures', `${slugOf(measure)}.svg`),
    text: renderSvg(findings, measure),
  }));
  if (figures.length > 0) {
    figures.unshift({ file: join(folder, 'figures', 'overview.svg'), text: renderSvg(findings) });
  }
  const tree = renderTreeSvg(findings);
  if (tree !== null) figures.push({ file: join(folder, 'figures', 'family-tree.svg'), text: tree });
  const html = {
    file: join(folder, 'report.html'),
    text: renderHtml(findings, existsSync(join(folder, PAGES)) ? PAGES : undefined),
  };
  const markdown = { file: join(folder, 'report.md'), text: renderMarkdown(findings) };
  const json = { file: join(folder, 'findings.json'), text: `${JSON.stringify(findings, null, 2)}\n` };
  isPlainFolder(join(folder, 'figures'));
  try {
    await mkdir(join(folder, 'figures'), { recursive: true });
    for (const { file, text } of [html, markdown, json, ...figures]) await writeWhole(file, text);
  } catch (error) {
    throw unwritable('the report', folder, error);
  }
  return { html: html.file, markdown: markdown.file, json: json.file, svgs: figures.map(({ file }) => file) };
}

import { hash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unwritable } from '../../files/index.ts';
import { openRun } from '../../records/index.ts';
import { readTrialTable, sampleAt, select, type TrialColumns } from '../trials/index.ts';
import type { BundleIndex, SampleView } from '../wire.ts';
import { pageAssets } from './assets.ts';
import { readFindings } from './findings-view.ts';
import { summaryOf, withTexts } from './run-data.ts';

/** A chunk is closed when it holds so many characters: a browser reads it in some ten milliseconds. */
const CHUNK = 1_000_000;

interface Exported {
  /** The page to open. */
  readonly page: string;
  readonly bytes: number;
  readonly samples: number;
}

/**
 * Writes the pages and the data of one run into a folder that opens from disk and from any web server, without one of ours. The
 * data are scripts that hand over a text, because browsers fetch no files on `file://`. The pages check each text by its
 * SHA-256 before they use it.
 *
 * @param folder the run
 * @param target made where it is not there; files of the same names are replaced
 * @param labelsOnly leaves out everything that was asked and answered, and what raters wrote
 * @throws InputError when the folder cannot be written to
 */
export async function exportBundle(
  folder: string,
  target: string,
  { labelsOnly }: { readonly labelsOnly: boolean },
): Promise<Exported> {
  using reader = await openRun(folder);
  const table = await readTrialTable(reader);
  const findings = await readFindings(reader);
  const summary = summaryOf(reader.manifest, table, 1);
  let bytes = 0;
  const write = async (name: string, text: string) => {
    bytes += Buffer.byteLength(text);
    await writeFile(join(target, name), text);
  };
  try {
    await mkdir(join(target, 'data'), { recursive: true });
    const chunks: BundleIndex['chunks'][number][] = [];
    let held: string[] = [];
    let size = 0;
    const close = async () => {
      if (held.length === 0) return;
      const name = `data/samples-${chunks.length + 1}.js`;
      const text = `[${held.join(',')}]`;
      chunks.push({ name, digest: hash('sha256', text, 'hex'), samples: held.length });
      await write(name, dataScript(name, text));
      held = [];
      size = 0;
    };
    const all = select(table, {});
    for (const place of all.samples.keys()) {
      const view = await withTexts(reader, sampleAt(table, all, place));
      const text = JSON.stringify({ ...NOWHERE, ...(labelsOnly ? withoutTexts(view) : view) });
      held.push(text);
      size += text.length;
      if (size >= CHUNK) await close();
    }
    await close();
    const index: BundleIndex = { summary, findings, table: plain(table), chunks, labelsOnly };
    await write('data/index.js', dataScript('data/index.js', JSON.stringify(index)));
    const assets = await pageAssets();
    for (const [path, { body }] of assets) {
      if (path !== '/') await write(path.slice(1), body);
    }
    const page = assets
      .get('/')!
      .body.replace(
        '<script defer src="pages.js">',
        `<script src="data/index.js"></script>\n<script defer src="pages.js">`,
      );
    await write('index.html', page);
  } catch (error) {
    throw unwritable('the pages', target, error);
  }
  return { page: join(target, 'index.html'), bytes, samples: table.samples.id.length };
}

const NOWHERE = { place: -1, total: 0, before: null, after: null };

/** Labels and values without a word of what was said. */
function withoutTexts(view: Pick<SampleView, 'eval' | 'sample' | 'cluster' | 'trials'>) {
  return {
    ...view,
    trials: view.trials.map(({ ratings, ...trial }) => ({
      ...trial,
      transcript: null,
      ratings: ratings.map(({ key, measure, rater, raterDigest, attempt, status, value, label }) => ({
        ...{ key, measure, rater, raterDigest, attempt, status, value },
        ...(label === undefined ? {} : { label }),
      })),
    })),
  };
}

/** A script that hands a text over. Characters that end a line or a script in some contexts are escaped. */
function dataScript(name: string, text: string): string {
  const literal = JSON.stringify(text)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return `(globalThis.stemmaData ??= {})[${JSON.stringify(name)}] = ${literal};\n`;
}

/** The table with plain arrays, for JSON. */
function plain({ samples, trials, columns, ...rest }: TrialColumns): BundleIndex['table'] {
  return {
    ...rest,
    samples: {
      id: samples.id,
      eval: [...samples.eval],
      cluster: [...samples.cluster],
      first: [...samples.first],
    },
    trials: { stage: [...trials.stage], epoch: [...trials.epoch], status: [...trials.status] },
    columns: columns.map(({ measure, rater, value, label, status }) => ({
      ...{ measure, rater },
      value: Array.from(value, (each) => (Number.isNaN(each) ? null : each)),
      label: [...label],
      status: [...status],
    })),
  };
}

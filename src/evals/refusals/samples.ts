import { resolve } from 'node:path';
import { type EvalOptions, InputError, type Sample } from '../../core/index.ts';
import { builtinRows } from './builtin.ts';
import { INTENTS } from './measures.ts';
import { type RefusalOptions, readOptions } from './options.ts';
import { isPromptList, listRows } from './prompt-lists.ts';
import { type PromptRow, sampleOf } from './prompt-row.ts';
import { publishedRows } from './published-rows.ts';
import { stratifiedSubsample } from './subsample.ts';
import { tableRows } from './table-rows.ts';

/**
 * The samples that the options ask for: the prompts of the source in its own order, one a sample.
 *
 * @throws InputError for options that do not fit, a source that can't be read, a prompt or id that is empty or comes twice,
 *   or when nothing is left to ask
 */
export async function* refusalSamples(evalOptions: EvalOptions): AsyncGenerator<Sample> {
  const options = readOptions(evalOptions);
  const wanted = (await rowsOf(options, evalOptions.folder)).filter(
    ({ intent }) => options.prompts === 'both' || options.prompts === intent,
  );
  if (wanted.length === 0) {
    throw new InputError(`the source "${options.source}" holds no ${options.prompts} prompts`, {
      place: { key: 'options.prompts' },
    });
  }
  for (const row of limited(wanted, options)) yield sampleOf(row, options.system ?? null);
}

async function rowsOf(options: RefusalOptions, folder: string): Promise<PromptRow[]> {
  const { source, path } = options;
  if (source === 'built-in') return builtinRows();
  const place = resolve(folder, path!);
  if (source === 'table') return Array.fromAsync(tableRows(place, options));
  return Array.fromAsync(isPromptList(source) ? listRows(source, place) : publishedRows(source, place));
}

/** Both halves shrink alike, so that a limit leaves each measure its share. */
function limited(rows: readonly PromptRow[], { limit, seed }: RefusalOptions): PromptRow[] {
  if (limit === undefined) return [...rows];
  const benign = rows.filter(({ intent }) => intent === 'benign').length;
  const ofBenign = Math.round((Math.min(limit, rows.length) * benign) / rows.length);
  const sizes = { benign: ofBenign, harmful: Math.min(limit, rows.length) - ofBenign };
  const taken = new Set(
    INTENTS.flatMap((half) =>
      stratifiedSubsample(
        rows.filter(({ intent }) => intent === half),
        sizes[half],
        ({ cluster }) => cluster,
        seed,
      ),
    ),
  );
  return rows.filter((row) => taken.has(row));
}

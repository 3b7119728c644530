import type { Rating, Transcript } from '../core/index.ts';
import type { RunReader } from '../records/run.ts';

/** `whole` and `number` are numbers in every format; `json` is JSON text in CSV and Parquet, itself in JSONL. */
export type ColumnType = 'text' | 'whole' | 'number' | 'json';
export type ExportCell = unknown;

/** A table on its way out: rows are arrays of cells in the order of the columns; null where nothing was recorded. */
export interface ExportTable {
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  rows(run: RunReader): AsyncIterable<readonly ExportCell[]>;
}

type ExportColumn<Record> = readonly [name: string, type: ColumnType, cell: (record: Record) => ExportCell];

/** One row a rating, with what its trial was: the shape that a regression or a pivot table wants. */
export const ratingsTable: ExportTable = exportTable<{ rating: Rating; run: RunReader }>(
  [
    ['key', 'text', ({ rating }) => rating.key],
    ['stage', 'text', trialCell('stage')],
    ['eval', 'text', trialCell('eval')],
    ['sample', 'text', trialCell('sample')],
    ['epoch', 'whole', trialCell('epoch')],
    ['attempt', 'whole', ({ rating }) => rating.attempt],
    ['cluster', 'text', trialCell('cluster')],
    ['trial_status', 'text', trialCell('status')],
    ['measure', 'text', ({ rating }) => rating.measure],
    ['rater', 'text', ({ rating }) => rating.rater],
    ['rater_digest', 'text', ({ rating }) => rating.raterDigest],
    ['status', 'text', ({ rating }) => rating.status],
    ['value', 'number', ({ rating }) => rating.value],
    ['label', 'text', ({ rating }) => rating.label],
    ['explanation', 'text', ({ rating }) => rating.explanation],
    ['raw', 'text', ({ rating }) => rating.raw],
    ['rater_input_tokens', 'whole', ({ rating }) => rating.usage?.inputTokens],
    ['rater_output_tokens', 'whole', ({ rating }) => rating.usage?.outputTokens],
  ],
  async function* (run) {
    for await (const batch of run.ratingBatches()) for (const rating of batch) yield { rating, run };
  },
);

/** One row a trial. The providers' raw bodies are in the run's own segments, and only there. */
export const transcriptsTable: ExportTable = exportTable<Transcript>(
  [
    ['key', 'text', ({ key }) => key],
    ['stage', 'text', ({ trial }) => trial.stage],
    ['eval', 'text', ({ trial }) => trial.eval],
    ['sample', 'text', ({ trial }) => trial.sample],
    ['epoch', 'whole', ({ trial }) => trial.epoch],
    ['attempt', 'whole', ({ attempt }) => attempt],
    ['status', 'text', ({ status }) => status],
    ['cluster', 'text', ({ cluster }) => cluster],
    ['sample_digest', 'text', ({ digests }) => digests.sample],
    ['sampling_digest', 'text', ({ digests }) => digests.sampling],
    ['seed', 'whole', ({ seed }) => seed],
    ['thoughts', 'text', ({ thoughts }) => thoughts],
    ['response', 'text', ({ response }) => response],
    ['stop', 'text', ({ stop }) => stop],
    ['error', 'text', ({ error }) => error && `${error.kind}: ${error.message}`],
    ['input_tokens', 'whole', ({ usage }) => usage.inputTokens],
    ['output_tokens', 'whole', ({ usage }) => usage.outputTokens],
    ['thought_tokens', 'whole', ({ usage }) => usage.thoughtTokens],
    ['started_at', 'text', ({ startedAt }) => startedAt],
    ['duration_ms', 'number', ({ durationMs }) => durationMs],
    ['calls', 'whole', ({ calls }) => calls],
    ['requests', 'whole', ({ requests }) => requests],
    ['metadata', 'json', ({ metadata }) => metadata],
    ['input', 'json', ({ input }) => input],
    ['output', 'json', ({ output }) => output],
    ['likelihoods', 'json', ({ likelihoods }) => likelihoods],
    ['state', 'json', ({ state }) => state],
    ['limit', 'json', ({ limit }) => limit],
  ],
  (run) => run.transcripts(),
);

function exportTable<Record>(
  columns: readonly ExportColumn<Record>[],
  records: (run: RunReader) => AsyncIterable<Record>,
): ExportTable {
  return {
    columns: columns.map(([name, type]) => ({ name, type })),
    async *rows(run) {
      for await (const record of records(run)) yield columns.map(([, , cell]) => cell(record) ?? null);
    },
  };
}

/** A cell from the index's row of the rating's trial. */
function trialCell(name: 'stage' | 'eval' | 'sample' | 'epoch' | 'cluster' | 'status') {
  return ({ rating, run }: { rating: Rating; run: RunReader }) => run.trial(rating.key)?.[name];
}

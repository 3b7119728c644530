import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { SamplePage, SampleRow } from '../trials/list-query.ts';
import type { ViewedRun } from '../wire.ts';
import { addressText, go, useAddress, useSetParameters } from './address.ts';
import { Filters } from './filters.tsx';
import { Problem, type RunPageProps } from './frame.tsx';
import { useKeys } from './keys.ts';
import { ScaledList } from './scaled-list.tsx';
import { AGAIN_MS, type SourceProblem, useSource } from './source.ts';
import { labelOfRow, markOf } from './values.ts';

const ROW = 34;
const CHUNK = 100;
/** With more stages than these, marks stand without their words. */
const MOST_WORDED = 6;

/** Every sample with all its trials, and filters over them. */
export function TrialsPage({ run, version, summary }: RunPageProps) {
  const { parameters } = useAddress();
  const setParameters = useSetParameters();
  const address = withoutPlace(parameters);
  const { page, rows, need, problem } = useRows(run, version, address);
  const chosen = Math.max(0, Number(parameters.get('at') ?? 0) || 0);
  const total = page?.total ?? 0;
  const choose = (at: number) =>
    setParameters({ at: String(Math.min(Math.max(0, at), Math.max(0, total - 1))) }, true);
  const open = (row: SampleRow | undefined) => {
    if (row === undefined) return;
    const next = new URLSearchParams(parameters);
    next.set('of', row.eval);
    next.set('id', row.sample);
    go(addressText(['runs', String(run), 'sample'], next));
  };
  const search = useRef<HTMLInputElement>(null);
  const [filters, setFilters] = useState(false);
  useKeys({
    j: () => choose(chosen + 1),
    ArrowDown: () => choose(chosen + 1),
    k: () => choose(chosen - 1),
    ArrowUp: () => choose(chosen - 1),
    gg: () => choose(0),
    G: () => choose(total - 1),
    l: () => open(rows(chosen)),
    Enter: () => open(rows(chosen)),
    '/': () => search.current?.focus(),
    f: () => setFilters((shown) => !shown),
    Escape: () => (document.activeElement as HTMLElement | null)?.blur(),
  });
  const stages = summary.stages;
  const many = stages.length > MOST_WORDED ? ' many' : '';
  return (
    <>
      <h1 className="hidden">Trials</h1>
      <Filters {...{ summary, search, shown: filters, toggle: () => setFilters(!filters) }} />
      {problem && <Problem problem={problem} />}
      <p className="soft count" role="status">
        {page === null
          ? 'Reading the run …'
          : page.indexing
            ? `Reading all texts once, for the search: ${page.indexing.done.toLocaleString('en')} of ${page.indexing.of.toLocaleString('en')} trials …`
            : page.reading || summary.samples === null
              ? `Reading the run: its first ${total.toLocaleString('en')} samples are here …`
              : `${total.toLocaleString('en')} of ${summary.samples.toLocaleString('en')} samples`}
      </p>
      <div className={`columns head${many}`} aria-hidden="true">
        <span>Sample</span>
        <span className="stages">
          {stages.map(({ id, title }) => (
            <span key={id} title={title}>
              {title}
            </span>
          ))}
        </span>
        <span>Change</span>
      </div>
      <ScaledList
        count={total}
        rowHeight={ROW}
        chosen={chosen}
        label="Samples"
        seen={need}
        row={(at) => {
          const row = rows(at);
          if (row === undefined) return <span className="soft">…</span>;
          const next = new URLSearchParams(parameters);
          next.set('at', String(at));
          next.set('of', row.eval);
          next.set('id', row.sample);
          return (
            <a
              className={`columns${many}${at === chosen ? ' chosen' : ''}`}
              href={addressText(['runs', String(run), 'sample'], next)}
            >
              <span className="name" title={`${row.eval} · ${row.sample} · ${row.cluster}`}>
                <span className="soft">{row.eval} · </span>
                {row.sample}
              </span>
              <span className="stages">
                {stages.map(({ id }, stage) => (
                  <Dots key={id} row={row} stage={stage} summary={summary} />
                ))}
              </span>
              <span className="change">{row.change === 0 ? '' : rounded(row.change)}</span>
            </a>
          );
        }}
      />
    </>
  );
}

/** A mark for each epoch of a stage; in words for those who cannot see it. */
function Dots({
  row,
  stage,
  summary,
}: {
  readonly row: SampleRow;
  readonly stage: number;
  readonly summary: ViewedRun;
}) {
  const trials = row.trials.filter((trial) => trial.stage === stage);
  const words = trials.map(labelOfRow).join(', ');
  return (
    <span className="dots" title={words}>
      {trials.map((trial) => (
        <span
          key={trial.epoch}
          className={`dot ${markOf(trial, summary, row.measure)}${trial.matches ? '' : ' faint'}`}
          aria-hidden="true"
        />
      ))}
      <span className="words">{trials.length === 1 ? words : ''}</span>
      <span className="hidden">{words === '' ? 'not asked' : words}</span>
    </span>
  );
}

/** The rows that are seen, fetched in chunks. */
function useRows(run: number, version: number, address: string) {
  const source = useSource();
  const [page, setPage] = useState<SamplePage | null>(null);
  const [problem, setProblem] = useState<SourceProblem | null>(null);
  const [, redraw] = useState(0);
  // What was there before stays on the page until the newer version is.
  const name = `${run} ${address}`;
  const list = useMemo(() => ({ name, rows: new Map<number, readonly SampleRow[]>() }), [name]);
  const chunks = useMemo(() => ({ ...list, version, asked: new Set<number>() }), [list, version]);
  const current = useRef(chunks);
  current.current = chunks;
  const load = useCallback(
    (chunk: number) => {
      if (chunks.asked.has(chunk)) return;
      chunks.asked.add(chunk);
      const again = () => {
        chunks.asked.delete(chunk);
        if (current.current === chunks) load(chunk);
      };
      source.samples(run, address, chunk * CHUNK, CHUNK).then(
        (answer) => {
          if (current.current !== chunks) return;
          setProblem(null);
          setPage(answer);
          chunks.rows.set(chunk, answer.rows);
          if (answer.indexing || answer.reading) setTimeout(again, AGAIN_MS);
          redraw((times) => times + 1);
        },
        (error) => {
          if (current.current !== chunks) return;
          chunks.asked.delete(chunk);
          setProblem(error);
        },
      );
    },
    [source, run, address, chunks],
  );
  useEffect(() => load(0), [load]);
  const need = useCallback(
    (from: number, to: number) => {
      for (let chunk = Math.floor(from / CHUNK); chunk * CHUNK < to; chunk++) load(chunk);
    },
    [load],
  );
  const rows = (at: number) => chunks.rows.get(Math.floor(at / CHUNK))?.[at % CHUNK];
  return { page, rows, need, problem };
}

function withoutPlace(parameters: URLSearchParams): string {
  const kept = new URLSearchParams(parameters);
  for (const name of ['at', 'of', 'id', 'epoch', 'diff', 'markdown', 'quiet']) kept.delete(name);
  return kept.toString();
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}

import { useCallback, useEffect, useMemo } from 'react';
import type { Block, Document, Heading } from '../../report/document/block.ts';
import type { FindingsView, ViewedRun } from '../wire.ts';
import { addressText, go, useAddress, useSetParameters } from './address.ts';
import { Waiting } from './frame.tsx';
import { Blocks, reveal } from './markup.tsx';
import { type Loaded, useLoaded, useSource } from './source.ts';

export function useFindings(run: number, version: number): Loaded<FindingsView> {
  const source = useSource();
  return useLoaded(() => source.findings(run), [source, run, version]);
}

/** The report, as one page: every number leads to how it was computed, every measure to its samples. */
export function FindingsPage({ run, version }: { readonly run: number; readonly version: number }) {
  const findings = useFindings(run, version);
  const { parameters } = useAddress();
  const follow = useFollow();
  const at = parameters.get('at');
  const samplesOf = useCallback(
    (measure: string) => addressText(['runs', String(run), 'measure'], { measure }),
    [run],
  );
  const document = findings.value?.document;
  useEffect(() => {
    if (document !== undefined && at !== null) reveal(at);
  }, [document, at]);
  const parts = useMemo(() => (document === undefined ? null : partsOf(document)), [document]);
  if (parts === null || document === undefined)
    return <Waiting loaded={findings} what="Computing the findings" />;
  return (
    <article className="report">
      <h1>{document.title}</h1>
      <Blocks blocks={parts.opening} follow={follow} />
      <nav aria-label="Contents" className="contents">
        {parts.measures.map(({ heading }) => (
          <a key={heading.id} href={measureAddress(run, heading)}>
            {heading.text}
          </a>
        ))}
      </nav>
      <Blocks blocks={parts.rest} sections follow={follow} samplesOf={samplesOf} />
      <div className="computed">
        <Blocks blocks={document.computed} sections follow={follow} />
      </div>
      <footer>
        <p>{document.footer}</p>
      </footer>
    </article>
  );
}

/** One measure: its part of the report, its comparisons, and the way to its samples. */
export function MeasurePage({
  run,
  version,
  summary,
}: {
  readonly run: number;
  readonly version: number;
  readonly summary: ViewedRun | null;
}) {
  const findings = useFindings(run, version);
  const { parameters } = useAddress();
  const wanted = parameters.get('measure');
  const document = findings.value?.document;
  const part = useMemo(
    () =>
      document === undefined
        ? undefined
        : partsOf(document).measures.find(({ heading }) => heading.about?.measure === wanted),
    [document, wanted],
  );
  const follow = useFollow(part?.blocks);
  if (document === undefined) return <Waiting loaded={findings} what="Computing the findings" />;
  if (part === undefined)
    return (
      <p className="problem" role="alert">
        The findings have no measure “{wanted}”.
      </p>
    );
  const { measure = '', rater = '' } = part.heading.about ?? {};
  const contrasts = findings.value!.contrasts.filter(
    (each) => each.measure === measure && each.rater === rater,
  );
  const raters = summary?.columns.filter((column) => column.measure === measure) ?? [];
  const titleOf = (stage: string) => summary?.stages.find(({ id }) => id === stage)?.title ?? stage;
  return (
    <article className="report">
      <h1 className="hidden">{document.title}</h1>
      <h2 className="hidden">Measure</h2>
      <h3 className="title">{part.heading.text}</h3>
      <p className="leads">
        <a href={addressText(['runs', String(run), 'trials'], listOf(measure, rater))}>All samples</a>
        <a
          href={addressText(['runs', String(run), 'trials'], {
            ...listOf(measure, rater),
            'stages-differ': '1',
            order: 'change',
          })}
        >
          Samples that changed, worst first
        </a>
        {contrasts.length > 1 &&
          contrasts.map(({ from, to }) => (
            <a
              key={`${from} ${to}`}
              href={addressText(['runs', String(run), 'trials'], {
                ...listOf(measure, rater),
                'stages-differ': '1',
                order: 'change',
                between: `${from}~${to}`,
              })}
            >
              {titleOf(from)} → {titleOf(to)}
            </a>
          ))}
        {raters.length > 1 && (
          <a
            href={addressText(['runs', String(run), 'trials'], {
              measure,
              show: `${measure}~${rater}`,
              'raters-differ': '1',
            })}
          >
            Where raters disagree
          </a>
        )}
      </p>
      <Blocks blocks={part.blocks} follow={follow} />
    </article>
  );
}

function listOf(measure: string, rater: string): Record<string, string> {
  return { measure, rater, show: `${measure}~${rater}` };
}

function measureAddress(run: number, { about }: Heading): string {
  return addressText(['runs', String(run), 'measure'], { measure: about?.measure ?? '' });
}

/** Links within the document: shown on this page where it is here, else on the page of the findings. */
function useFollow(here?: readonly Block[]): (id: string) => void {
  const { path } = useAddress();
  const setParameters = useSetParameters();
  const run = path[1] ?? '0';
  return useCallback(
    (id) => {
      if (document.getElementById(id) !== null) {
        if (here === undefined) setParameters({ at: id }, true);
        reveal(id);
      } else go(addressText(['runs', run, 'findings'], { at: id }));
    },
    [here, run, setParameters],
  );
}

interface DocumentParts {
  /** Before the first heading. */
  readonly opening: readonly Block[];
  readonly rest: readonly Block[];
  readonly measures: readonly { readonly heading: Heading; readonly blocks: readonly Block[] }[];
}

function partsOf({ blocks }: Document): DocumentParts {
  const first = blocks.findIndex(({ kind }) => kind === 'heading');
  const starts = blocks.flatMap((block, at) => (isMeasure(block) ? [at] : []));
  return {
    opening: first < 0 ? blocks : blocks.slice(0, first),
    rest: first < 0 ? [] : blocks.slice(first),
    measures: starts.map((start) => {
      const end = blocks.findIndex(
        (block, at) => at > start && block.kind === 'heading' && (block.level === 2 || isMeasure(block)),
      );
      return {
        heading: blocks[start] as Heading,
        blocks: blocks.slice(start + 1, end < 0 ? undefined : end),
      };
    }),
  };
}

function isMeasure(block: Block): boolean {
  return block.kind === 'heading' && block.level === 3 && block.about?.measure !== undefined;
}

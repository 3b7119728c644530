import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { parseAddress, useAddress } from './address.ts';
import { bundle } from './bundle.ts';
import { FindingsPage, MeasurePage } from './findings-page.tsx';
import { Frame, Problem, Waiting } from './frame.tsx';
import { LabelSession } from './label-session.tsx';
import { LabelsPage } from './labels-page.tsx';
import { LineagePage } from './lineage-page.tsx';
import { RunsPage } from './runs-page.tsx';
import { SamplePage } from './sample-page.tsx';
import { AGAIN_MS, SourceContext, server, useLoaded, useSource } from './source.ts';
import { TrialsPage } from './trials-page.tsx';

function Pages() {
  const source = useSource();
  const access = useLoaded(() => source.access(), [source]);
  const { path } = useAddress();
  if (access.value === null) return <Waiting loaded={access} what="Opening" />;
  if (access.value.kind === 'label')
    return (
      <main className="label">
        <LabelSession run={access.value.run} labeller={access.value.labeller} />
      </main>
    );
  if (!isOfRun(path)) return <Start />;
  const [, run, page = 'findings'] = path;
  return <RunPages run={Number(run)} page={page} />;
}

function isOfRun([first, run]: readonly string[]): boolean {
  return first === 'runs' && run !== undefined;
}

/** The list of runs; a single run is opened at once. */
function Start() {
  const source = useSource();
  const runs = useLoaded(() => source.runs(), [source]);
  const only = runs.value?.length === 1 && runs.value[0]!.problem === undefined;
  useEffect(() => {
    // The reader may have gone elsewhere while the runs were looked for.
    const isHere = !isOfRun(parseAddress(window.location.hash).path);
    if (only && isHere) window.location.replace('#/runs/0/findings');
  }, [only]);
  if (runs.value === null || only) return <Waiting loaded={runs} what="Opening" />;
  return <RunsPage />;
}

function RunPages({ run, page }: { readonly run: number; readonly page: string }) {
  const source = useSource();
  const { parameters } = useAddress();
  const [version, setVersion] = useState(1);
  useEffect(() => source.follow?.(run, setVersion), [source, run]);
  const [again, setAgain] = useState(0);
  const loaded = useLoaded(() => source.summary(run), [source, run, version, again]);
  const summary = loaded.value;
  useEffect(() => {
    if (summary?.samples !== null) return;
    const timer = setTimeout(() => setAgain((times) => times + 1), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [summary]);
  const own = { run, version };
  const content = () => {
    if (page === 'findings') return <FindingsPage {...own} />;
    if (page === 'measure') return <MeasurePage {...own} summary={summary} />;
    if (page === 'labels') return <LabelsPage run={run} />;
    if (page === 'label') return <LabelSession run={run} labeller={parameters.get('labeller') ?? ''} />;
    if (summary === null) return <Waiting loaded={loaded} what="Reading the run" />;
    if (page === 'trials') return <TrialsPage {...own} summary={summary} />;
    if (page === 'sample') return <SamplePage {...own} summary={summary} />;
    if (page === 'lineage') return <LineagePage {...own} summary={summary} />;
    return <Problem problem={new Error(`There is no page “${page}”.`)} />;
  };
  return (
    <Frame run={run} summary={summary} page={page} hasLabels={source.labels !== undefined}>
      {content()}
    </Frame>
  );
}

createRoot(document.getElementById('pages')!).render(
  <StrictMode>
    <SourceContext value={bundle() ?? server}>
      <Pages />
    </SourceContext>
  </StrictMode>,
);

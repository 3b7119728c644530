import { createContext, useContext, useEffect, useState } from 'react';
import type { SampleName, SamplePage } from '../trials/list-query.ts';
import type {
  FindingsView,
  LabelOverview,
  LabelRequest,
  LabelScreen,
  RunCard,
  SampleView,
  ViewedRun,
} from '../wire.ts';

/** How often the server is asked whether all is read, or the index for text search complete. */
export const AGAIN_MS = 400;

/** Where the pages have their data from: a server, or an exported bundle beside them. */
export interface PageSource {
  access(): Promise<{ readonly kind: 'all' } | { readonly kind: 'label'; run: number; labeller: string }>;
  runs(): Promise<readonly RunCard[]>;
  summary(run: number): Promise<ViewedRun>;
  findings(run: number): Promise<FindingsView>;
  samples(run: number, address: string, from: number, count: number): Promise<SamplePage>;
  sample(run: number, address: string, name: SampleName): Promise<SampleView>;
  /** Calls back whenever records were added; absent in a bundle. */
  follow?(run: number, changed: (version: number) => void): () => void;
  /** Absent in a bundle. */
  readonly labels?: {
    overview(run: number): Promise<LabelOverview>;
    act(run: number, request: LabelRequest): Promise<LabelScreen>;
    link(run: number, labeller: string): Promise<string>;
    /** How many labels would settle a measure. */
    plan(run: number, measure: string): Promise<string>;
  };
}

/** What went wrong, in words for the reader. */
export class SourceProblem extends Error {
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** The server of `stemma view`. */
export const server: PageSource = {
  access: () => fetched('api/access'),
  runs: () => fetched('api/runs'),
  summary: (run) => fetched(`api/runs/${run}/summary`),
  findings: (run) => fetched(`api/runs/${run}/findings`),
  samples: (run, address, from, count) =>
    fetched(`api/runs/${run}/samples?${address}&from=${from}&count=${count}`),
  sample: (run, address, { eval: of, sample: id }) =>
    fetched(`api/runs/${run}/sample?${address}&${new URLSearchParams({ of, id })}`),
  follow(run, changed) {
    const events = new EventSource(`api/runs/${run}/events`);
    events.onmessage = ({ data }) => changed(Number(data));
    return () => events.close();
  },
  labels: {
    plan: (run, measure) => fetched(`api/runs/${run}/label-plan?${new URLSearchParams({ measure })}`),
    overview: (run) => fetched(`api/runs/${run}/labels`),
    act: (run, request) =>
      fetched(`api/runs/${run}/labels`, { method: 'POST', body: JSON.stringify(request) }),
    link: async (run, labeller) => {
      const query = new URLSearchParams({ labeller });
      const { path } = await fetched<{ path: string }>(`api/runs/${run}/label-link?${query}`);
      return new URL(path, window.location.href).href;
    },
  },
};

async function fetched<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new SourceProblem('stemma view does not answer any more', 'Start it again and open its new link.');
  }
  const body = (await response.json().catch(() => null)) as { problem?: string; remedy?: string } | null;
  if (!response.ok)
    throw new SourceProblem(body?.problem ?? `the server said ${response.status}`, body?.remedy);
  return body as T;
}

export const SourceContext = createContext<PageSource>(server);

export function useSource(): PageSource {
  return useContext(SourceContext);
}

/** What a question came to so far. While a new answer is awaited, the old one stays. */
export interface Loaded<T> {
  readonly value: T | null;
  readonly problem: SourceProblem | null;
  readonly loading: boolean;
}

/** Asks whenever one of `keys` changes. An answer that comes after a later question is dropped. */
export function useLoaded<T>(ask: () => Promise<T>, keys: readonly unknown[]): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ value: null, problem: null, loading: true });
  useEffect(() => {
    let current = true;
    setLoaded((before) => ({ ...before, loading: true }));
    ask().then(
      (value) => current && setLoaded({ value, problem: null, loading: false }),
      (problem) => current && setLoaded((before) => ({ value: before.value, problem, loading: false })),
    );
    return () => {
      current = false;
    };
    // biome-ignore lint/correctness/useExhaustiveDependencies: the caller says what the answer depends on
  }, keys);
  return loaded;
}

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, runTool } from '../scripts/run-tool.ts';
import { importResults } from '../src/interchange/index.ts';
import { serveView } from '../src/workbench/view/index.ts';
import { largeResults } from './large-results.ts';
import type { Bench } from './main.ts';
import { median, seconds, whole } from './row.ts';
import { scrollList } from './scrolling.ts';

const BUILT = join(root, 'dist/main.js');

/** What the pages wait for: the first list, a sample, a filter, a search, the findings; and the memory that is taken. */
export const view: Bench = async ({ runs, scale }, tell) => {
  runTool('node', ['scripts/build.ts']);
  const sizes = [
    { samples: 50_000, stages: 3, measures: 2, characters: 5000, aims: true },
    { samples: 333_334, stages: 3, measures: 1, characters: 60, aims: false },
  ];
  for (const { aims, ...size } of sizes) {
    const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
    try {
      const run = join(folder, 'run');
      const { trials } = await importResults(largeResults(scale, size), run);
      const of = `${whole(trials)} trials of ${whole(size.characters)} characters: `;
      const aim = (text: string) => (aims ? { aim: text } : {});
      const times: { first: number; all: number }[] = [];
      for (let time = 1; time < Math.max(3, runs); time++) {
        await using server = await serve(run);
        times.push(await firstList(server));
      }
      await using server = await serve(run);
      times.push(await firstList(server));
      tell({
        what: `${of}from the start of the server to the first list`,
        measured: seconds(median(times.map(({ first }) => first))),
        ...aim('< 1 s'),
      });
      tell({
        what: `${of}from the start of the server until all is read`,
        measured: seconds(median(times.map(({ all }) => all))),
      });
      const { ask } = server;
      const memory = await childMemory();
      tell({
        what: `${of}memory of the process that answers`,
        measured: `${whole(memory)} MB`,
        ...aim('< 300 MB'),
      });
      const again = async (path: (time: number) => string) => {
        const times: number[] = [];
        for (let time = 0; time < Math.max(3, runs); time++) times.push((await ask(path(time))).time);
        return median(times);
      };
      const sample = await again((time) => `sample?of=large&id=s${time * 11}`);
      tell({ what: `${of}one sample with its texts`, measured: seconds(sample), ...aim('< 0.1 s') });
      const filter = await again(
        (time) => `samples?count=100&stages-differ=1&order=change&cluster=c${time}&stage=sft`,
      );
      tell({ what: `${of}a filter that was not asked before`, measured: seconds(filter), ...aim('< 0.3 s') });
      const scrolled = await scrollList(server.link);
      if (scrolled !== null)
        tell({
          what: `${of}scrolling the list in Chromium, without a graphics card`,
          measured: `${whole(scrolled.frames)} frames/s, ${whole(100 * scrolled.late)} % of frames late`,
          ...aim('60 frames/s'),
        });
      const { time } = await ask('findings');
      tell({ what: `${of}the findings`, measured: seconds(time) });
      const start = performance.now();
      for (;;) {
        const { body } = await ask('samples?count=100&text=answer+77+of');
        if ((body as { indexing?: unknown }).indexing === undefined) break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      tell({ what: `${of}the index for text search`, measured: seconds((performance.now() - start) / 1000) });
      const search = await again((time) => `samples?count=100&text=answer+${time + 100}+of`);
      tell({ what: `${of}a search`, measured: seconds(search), ...aim('< 0.3 s') });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
};

type Asked = (path: string) => Promise<{ time: number; body: unknown }>;
interface AskedServer extends AsyncDisposable {
  readonly link: string;
  readonly started: number;
  readonly ask: Asked;
}

/** The server of a run, with the built package as its worker process, as users have it. */
async function serve(run: string): Promise<AskedServer> {
  const started = performance.now();
  const server = await serveView(
    [{ folder: run, name: 'large', createdAt: null, stages: 3, evals: ['large'] }],
    {
      port: 0,
      worker: (each) => [
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        BUILT,
        'view-worker',
        each,
      ],
    },
  );
  const ask = await asker(server.link);
  return { link: server.link, started, ask, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Seconds from the start of the server until the list has its first rows, and until it has all. */
async function firstList({ started, ask }: AskedServer): Promise<{ first: number; all: number }> {
  const since = () => (performance.now() - started) / 1000;
  await ask('samples?count=100');
  const first = since();
  while (((await ask('samples?count=100')).body as { reading?: true }).reading)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return { first, all: since() };
}

/** Asks the server as the page does, and says how long it took in seconds. */
async function asker(link: string): Promise<Asked> {
  const entered = await fetch(link, { redirect: 'manual' });
  const cookie = entered.headers.get('set-cookie')!.split(';')[0]!;
  const { origin } = new URL(link);
  return async (path) => {
    const start = performance.now();
    const response = await fetch(`${origin}/api/runs/0/${path}`, { headers: { cookie } });
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(body));
    return { time: (performance.now() - start) / 1000, body };
  };
}

/** Megabytes of memory of the largest process that this one has started. */
async function childMemory(): Promise<number> {
  const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
  const sizes = await Promise.all(
    children
      .trim()
      .split(' ')
      .map(async (pid) => {
        const status = await readFile(`/proc/${pid}/status`, 'utf8');
        return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
      }),
  );
  return Math.max(...sizes);
}

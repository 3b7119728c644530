import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Timed, timed } from './child.ts';
import type { BenchOptions } from './main.ts';
import { promptTable } from './prompts.ts';
import { median, type Row, seconds, spread, whole } from './row.ts';
import { CONCURRENCY } from './study.ts';

/** A whole command each, starting up included: the same prompts, server, concurrency and kind of score. */
const PROMPTS = 2_000;
const run = promisify(execFile);
const checkout = dirname(dirname(fileURLToPath(import.meta.url)));

interface Tool {
  readonly name: string;
  /** Installs it where it is not; @returns its version. @throws Error when it can't be installed */
  prepare(home: string): Promise<string>;
  /** Writes what it is to do into an empty folder, and says how it is called there. */
  job(
    folder: string,
    at: { home: string; baseUrl: string; prompts: number },
  ): Promise<{ command: string[]; env?: NodeJS.ProcessEnv }>;
}

const stemma: Tool = {
  name: 'stemma',
  /** As a user has it: this checkout, packed and installed. */
  async prepare(home) {
    const folder = join(home, 'stemma');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "private": true }');
    await run(process.execPath, [join(checkout, 'scripts/build.ts')], { cwd: checkout });
    const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
    const { stdout } = await run('npm', pack, { cwd: checkout });
    await run('npm', ['install', '--no-audit', '--no-fund', join(folder, stdout.trim())], { cwd: folder });
    const program = join(folder, 'node_modules/stemma/bin/stemma.mjs');
    return (await run(process.execPath, [program, '--version'])).stdout.trim();
  },
  async job(folder, { home, baseUrl, prompts }) {
    await writeFile(join(folder, 'prompts.csv'), promptTable(prompts));
    await writeFile(
      join(folder, 'study.yaml'),
      `name: bench
stages: [{ id: sft, kind: sft, model: "${baseUrl}#loopback" }]
evals: [{ eval: refusals, options: { source: table, path: prompts.csv, columns: { id: id, cluster: theme, intent: intent } } }]
raters: [{ id: string-match, kind: rule, rule: string-match }]
sampling: { temperature: 0, max_tokens: 256 }
endpoints: { "${baseUrl}": { concurrency: ${CONCURRENCY} } }
`,
    );
    return {
      command: [
        process.execPath,
        join(home, 'stemma/node_modules/stemma/bin/stemma.mjs'),
        'run',
        'study.yaml',
        '--out',
        'run',
      ],
    };
  },
};

const promptfoo: Tool = {
  name: 'promptfoo',
  async prepare(home) {
    const folder = join(home, 'promptfoo');
    if (!existsSync(join(folder, 'node_modules/.bin/promptfoo'))) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'package.json'), '{ "private": true }');
      await run('npm', ['install', '--no-audit', '--no-fund', 'promptfoo'], {
        cwd: folder,
        timeout: 900_000,
      });
    }
    const { stdout } = await run(join(folder, 'node_modules/.bin/promptfoo'), ['--version'], {
      env: quietPromptfoo(home),
    });
    return stdout.trim().split('\n').at(-1)!;
  },
  async job(folder, { home, baseUrl, prompts }) {
    await writeFile(join(folder, 'prompts.csv'), promptTable(prompts));
    const config = {
      prompts: ['{{prompt}}'],
      providers: [
        {
          id: 'openai:chat:loopback',
          config: { apiBaseUrl: baseUrl, apiKey: 'none', temperature: 0, max_tokens: 256 },
        },
      ],
      defaultTest: { assert: [{ type: 'contains', value: "I'm sorry" }] },
      tests: 'file://prompts.csv',
    };
    await writeFile(join(folder, 'promptfooconfig.json'), JSON.stringify(config));
    const program = join(home, 'promptfoo/node_modules/.bin/promptfoo');
    const flags = [
      '--no-cache',
      '--no-table',
      '--no-progress-bar',
      '-j',
      String(CONCURRENCY),
      '-o',
      'results.json',
    ];
    return {
      command: [program, 'eval', '-c', 'promptfooconfig.json', ...flags],
      env: quietPromptfoo(folder),
    };
  },
};

function quietPromptfoo(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PROMPTFOO_CONFIG_DIR: join(folder, '.promptfoo'),
    PROMPTFOO_DISABLE_TELEMETRY: '1',
    PROMPTFOO_DISABLE_UPDATE: '1',
    PROMPTFOO_DISABLE_REMOTE_GENERATION: '1',
  };
}

const inspect: Tool = {
  name: 'Inspect AI',
  async prepare(home) {
    const folder = join(home, 'inspect');
    if (!existsSync(join(folder, 'bin/inspect'))) {
      await run('python3', ['-m', 'venv', folder]);
      await run(join(folder, 'bin/pip'), ['install', '--quiet', 'inspect-ai', 'openai'], {
        timeout: 900_000,
      });
    }
    const { stdout } = await run(join(folder, 'bin/inspect'), ['--version']);
    return stdout.trim();
  },
  async job(folder, { home, baseUrl, prompts }) {
    await writeFile(join(folder, 'prompts.csv'), promptTable(prompts));
    await writeFile(
      join(folder, 'task.py'),
      `from inspect_ai import Task, task
from inspect_ai.dataset import FieldSpec, csv_dataset
from inspect_ai.scorer import includes
from inspect_ai.solver import generate


@task
def refusals():
    dataset = csv_dataset("prompts.csv", FieldSpec(input="prompt", target="target", id="id"))
    for sample in dataset:
        sample.target = "I'm sorry"
    return Task(dataset=dataset, solver=generate(), scorer=includes())
`,
    );
    const model = 'openai-api/loopback/loopback';
    const limits = ['--max-connections', String(CONCURRENCY), '--max-samples', String(CONCURRENCY)];
    const flags = ['--temperature', '0', '--max-tokens', '256', '--display', 'none', '--log-dir', 'logs'];
    return {
      command: [join(home, 'inspect/bin/inspect'), 'eval', 'task.py', '--model', model, ...limits, ...flags],
      env: { LOOPBACK_BASE_URL: baseUrl, LOOPBACK_API_KEY: 'none' },
    };
  },
};

/** Sets the other tools up outside this repository, and tells how long each takes for the same prompts. */
export async function measurePeers(
  baseUrl: string,
  options: BenchOptions,
  tell: (row: Row) => void,
): Promise<void> {
  const home = process.env.STEMMA_BENCH_PEERS ?? join(tmpdir(), 'stemma-bench-peers');
  await mkdir(home, { recursive: true });
  const prompts = Math.max(20, Math.round(PROMPTS * options.scale));
  const walls = new Map<string, number>();
  for (const tool of [stemma, promptfoo, inspect]) {
    const what = (version: string) =>
      `${tool.name} (${version}), ${whole(prompts)} prompts, the whole command`;
    try {
      const version = await tool.prepare(home);
      const times: Timed[] = [];
      for (let i = 0; i < options.runs; i++) times.push(await measureOnce(tool, { home, baseUrl, prompts }));
      walls.set(tool.name, median(times.map(({ wall }) => wall)));
      tell({ what: what(version), measured: measuredOf(times, prompts) });
    } catch (error) {
      tell({ what: what('left out'), measured: `could not be set up here: ${firstLine(error)}` });
    }
  }
  const own = walls.get(stemma.name);
  for (const [name, wall] of walls) {
    if (name === stemma.name || own === undefined) continue;
    const aim = name === 'promptfoo' ? '≥ 15×' : '≥ 10×';
    tell({ what: `${name}’s time over stemma’s`, measured: `${(wall / own).toFixed(1)}×`, aim });
  }
}

async function measureOnce(
  tool: Tool,
  at: { home: string; baseUrl: string; prompts: number },
): Promise<Timed> {
  const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
  try {
    const { command, env } = await tool.job(folder, at);
    const time = await timed(command, { cwd: folder, ...(env ? { env } : {}) });
    await rm(folder, { recursive: true, force: true });
    return time;
  } catch (error) {
    // The folder stays: the error names the log in it.
    throw new Error(`${tool.name} failed`, { cause: error });
  }
}

function measuredOf(times: readonly Timed[], prompts: number): string {
  const walls = spread(
    times.map(({ wall }) => wall),
    seconds,
  );
  const cpu = (median(times.map((time) => time.cpu)) / prompts) * 1000;
  return `${walls}, ${whole(prompts / median(times.map(({ wall }) => wall)))} trials/s, ${cpu.toFixed(2)} ms CPU a trial`;
}

function firstLine(error: unknown): string {
  const { message, cause } = error as Error;
  return [message, ...(cause instanceof Error ? [cause.message] : [])].join(': ').split('\n')[0]!;
}

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isDocumented, undocumented } from './json-lines-documented.ts';
import { type PlantedServer, startPlantedServer } from './planted-server.ts';
import { writeStudy } from './refusals-study.ts';
import { type Ended, stemma } from './stemma-process.ts';

let server: PlantedServer;
let folder: string;
let study: string;

beforeAll(async () => {
  server = await startPlantedServer({ rates: { sft: { benign: 0.2, harmful: 0.95 } }, delayMs: 5 });
  folder = await mkdtemp(join(tmpdir(), 'stemma-json-'));
  study = await writeStudy({ folder, baseUrl: server.baseUrl, stages: ['sft'], concurrency: 8, limit: 40 });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

type Line = Readonly<Record<string, unknown>> & { readonly event: string };

/** The lines that a command printed: each an object with its event, one closing object, and that the last. */
function linesOf({ stdout }: Ended): { lines: Line[]; end: Line } {
  const lines = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
  expect(lines.map(({ event }) => typeof event)).toEqual(lines.map(() => 'string'));
  expect(lines.filter(({ event }) => event === 'end')).toEqual(lines.slice(-1));
  const end = lines.at(-1)!;
  for (const line of lines) expect(undocumented(String(end.command), line)).toEqual([]);
  return { lines, end };
}

describe('--json', () => {
  it('of run, rate, export and import: JSON lines of progress, and one closing object', async () => {
    const run = join(folder, 'run');
    const ran = await stemma('run', study, '--out', run, '--json').ended;
    const { lines, end } = linesOf(ran);
    expect(ran.code).toBe(0);
    expect(end).toMatchObject({
      command: 'run',
      exitCode: 0,
      error: null,
      run,
      summary: { complete: true, trials: { planned: 40, done: 40, errors: 0 }, stoppedBy: null },
    });
    const progress = lines.filter(({ event }) => event === 'progress');
    expect(progress.at(0)).toMatchObject({ state: 'running', total: { total: 40 } });
    expect(progress.at(-1)).toMatchObject({
      state: 'done',
      total: { done: 40, answers: { done: 40, total: 40 }, rated: { done: 80, total: 80 } },
      cells: [{ stage: 'sft', eval: 'refusals' }],
    });

    const rated = await stemma('rate', run, '--rater', 'again=rule:string-match', '--json').ended;
    expect(linesOf(rated).end).toMatchObject({ command: 'rate', exitCode: 0, error: null, run });
    expect(linesOf(rated).lines[0]).toMatchObject({ event: 'progress', total: { total: 40 } });

    const table = join(folder, 'ratings.csv');
    const exported = await stemma('export', run, '--to', 'csv', '--out', table, '--json').ended;
    const written = linesOf(exported);
    expect(written.lines[0]).toMatchObject({ event: 'progress' });
    const rows = (await readFile(String(written.end.file), 'utf8')).trimEnd().split('\n');
    expect(written.end).toMatchObject({ command: 'export', exitCode: 0, error: null, rows: rows.length - 1 });

    const into = join(folder, 'imported');
    const map = 'stage=stage,sample=sample,measure=measure,rater=rater,value=value';
    const imported = await stemma('import', 'csv', table, '--into', into, '--map', map, '--json').ended;
    expect(linesOf(imported).lines[0]).toMatchObject({ event: 'progress' });
    expect(linesOf(imported).end).toMatchObject({ command: 'import', exitCode: 0, error: null, run: into });
  });

  it('has a row in docs/json-lines.md for every event that a command prints', () => {
    const folder = fileURLToPath(new URL('../src/cli/commands/', import.meta.url));
    const told = readdirSync(folder).flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const command = file.replace('.ts', '');
      const events = Array.from(text.matchAll(/\btell\(\s*'(\w+)'/g), ([, event]) => event!);
      // These two are told by json-lines.ts, for every command that uses it.
      const shared = [
        ...(text.includes('withJsonLines(') ? ['end'] : []),
        ...(text.includes('progressSender(') ? ['progress'] : []),
      ];
      return [...new Set([...events, ...shared])].map((event) => ({ command, event }));
    });
    expect(told).toContainEqual({ command: 'run', event: 'asking' });
    expect(told).toContainEqual({ command: 'rate', event: 'end' });
    expect(told.filter(({ command, event }) => !isDocumented(command, event))).toEqual([]);
    const elsewhere = readFileSync(join(folder, '..', 'json-lines.ts'), 'utf8');
    const shared = Array.from(elsewhere.matchAll(/\btell\(\s*'(\w+)'/g), ([, event]) => event);
    expect(new Set(shared)).toEqual(new Set(['end', 'progress']));
  });

  it('tells a mistake in the closing object, with the exit code and the remedy, and in words on stderr', async () => {
    for (const args of [
      ['run', join(folder, 'nowhere.yaml'), '--json'],
      ['rate', join(folder, 'nowhere'), '--rater', 'string-match', '--json'],
      ['export', join(folder, 'nowhere'), '--to', 'csv', '--json'],
      ['import', 'xstest', join(folder, 'nowhere'), '--into', join(folder, 'other'), '--json'],
    ]) {
      const ended = await stemma(...args).ended;
      const { end } = linesOf(ended);
      expect([ended.code, end.exitCode, end.command]).toEqual([2, 2, args[0]]);
      expect(end.error).toMatchObject({ message: expect.stringMatching(/\S/) });
      expect(ended.stderr).toMatch(/^error: /m);
    }
  });
});

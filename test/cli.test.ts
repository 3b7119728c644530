import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The command line as a person or a script meets it: the real binary, in a folder whose path has a space. */

const root = fileURLToPath(new URL('..', import.meta.url));
const binary = join(root, 'bin/stemma.mjs');
/** What a checkout's binary goes through. */
const withNode = join(root, 'scripts/with-node.mjs');

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

let folder: string;
let server: Server;
/** Answers `/401`, `/html`, and with a tenth of a second's delay `/slow`. */
let base: string;

beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'stemma-cli-')), 'a folder');
  await mkdir(folder);
  server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type }).end(body);
    const completion = {
      choices: [{ message: { role: 'assistant', content: 'Sure.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 1 },
    };
    request.resume().on('end', () => {
      if (request.url?.startsWith('/401')) answer(401, 'application/json', '{"error":{"message":"bad key"}}');
      else if (request.url?.startsWith('/html')) answer(200, 'text/html', '<html>Log in</html>');
      else setTimeout(() => answer(200, 'application/json', JSON.stringify(completion)), 100);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(join(folder, 'models.yaml'), MODELS);
  await writeFile(join(folder, 'study.yaml'), study('scripted:models.yaml#base', 'scripted:models.yaml#sft'));
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(join(folder, '..'), { recursive: true, force: true });
});

const MODELS = `
base: { rules: [{ outcomes: [{ response: "Sure, here it is." }] }] }
sft: { rules: [{ outcomes: [{ response: "I'm sorry, but I can't help with that." }] }] }
`;

function study(first: string, second: string, more = ''): string {
  return `
name: q
stages:
  - { id: base, kind: pretrain, model: "${first}" }
  - { id: sft, kind: sft, from: base, model: "${second}" }
evals: [{ id: t, eval: refusals, options: { limit: 24 } }]
raters: [{ id: string-match, kind: rule, rule: string-match }]
sampling: { temperature: 1, max_tokens: 64, seed: 1 }
margins: { default: 0.05 }
${more}`;
}

function started(script: string, ...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, [script, ...args], { cwd: folder, env, detached: true });
  const ended = new Promise<Ended>((resolve) => {
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  return { child, ended };
}

/** Whatever happens, people see no stack, and the last line of what went well says what to do next. */
async function stemma(...args: string[]): Promise<Ended> {
  const ended = await started(binary, ...args).ended;
  expect(ended.err).not.toMatch(/^\s+at .+:\d+/m);
  expect(ended.out + ended.err).not.toContain('\u001b');
  return ended;
}

const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);

describe('stemma', () => {
  it('goes from a study to findings, a report and a table, each saying what comes next', async () => {
    const run = await stemma('run', 'study.yaml', '--out', 'my run');
    expect(run).toMatchObject({ code: 0, out: 'my run\n' });
    expect(lastLine(run.err)).toBe("Next: npx stemma findings 'my run'");

    const [findings, json, report, table, status] = await Promise.all([
      stemma('findings', 'my run'),
      stemma('findings', 'my run', '--json', '--stages', 'base,sft', '--margin', '0.2'),
      stemma('report', 'my run'),
      stemma('export', 'my run', '--to', 'csv'),
      stemma('status', 'my run'),
    ]);
    expect(findings.code).toBe(0);
    expect(findings.out).toContain('sft differs from base');
    expect(findings.err).toBe("Next: npx stemma report 'my run'\n");
    expect(JSON.parse(json.out)).toMatchObject({ version: 1, run: 'q' });
    expect(json.err).toBe("Next: npx stemma report 'my run' --stages base,sft --margin 0.2\n");
    expect(report.out).toBe('my run/report/report.html\n');
    expect(existsSync(join(folder, 'my run/report/report.html'))).toBe(true);
    expect(table.out).toBe('ratings.csv\n');
    expect((await readFile(join(folder, 'ratings.csv'), 'utf8')).trim().split('\n')).toHaveLength(
      // The measure, and whether there was an answer at all.
      1 + 2 * 48,
    );
    expect(status.out).toContain('48 of 48 trials');
  });

  it('refuses to go on where a file that steers a stage has changed, and says which', async () => {
    await stemma('run', 'study.yaml', '--out', 'changing');
    await appendFile(join(folder, 'models.yaml'), '# changed\n');
    const again = await stemma('run', 'study.yaml', '--out', 'changing');
    expect(again).toMatchObject({ code: 2, out: '' });
    expect(again.err).toContain('the content of models.yaml changed');
  });

  it.each([
    [['toString'], "unknown command 'toString'"],
    [['plna'], 'Did you mean plan?'],
    [['plan', 'nothing.yaml'], 'there is no such study file'],
    [['plan', '.'], 'this is a folder'],
    [['findings', 'nowhere'], 'nowhere is not a run folder'],
    [['findings', 'x', '--margin', '-0.1'], 'It must be a number above 0'],
    [['run', 'study.yaml', '--out', 'models.yaml'], 'this is a file; a run is a folder'],
    [['import', 'csv', 'nothing.csv', '--into', 'imported'], 'there is no such file'],
    [['import', 'xstest', 'study.yaml', '--into', 'imported'], 'is a file, not a folder'],
  ])('%j is the user’s mistake', async (args, message) => {
    const ended = await stemma(...args);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain(message);
    expect(existsSync(join(folder, 'imported'))).toBe(false);
  });

  it('names the nearest stage and rater, and tells a folder to write into from a file', async () => {
    await stemma('run', 'study.yaml', '--out', 'named');
    const [stage, rater, absent, directory] = await Promise.all([
      stemma('findings', 'named', '--stages', 'base,stf'),
      stemma('findings', 'named', '--rater', 'stringmatch'),
      stemma('export', 'named', '--to', 'csv', '--out', 'nowhere/ratings.csv'),
      stemma('export', 'named', '--to', 'csv', '--out', '.'),
    ]);
    for (const { code } of [stage, rater, absent, directory]) expect(code).toBe(2);
    expect(stage.err).toContain('did you mean "sft"?');
    expect(rater.err).toContain('did you mean "string-match"?');
    expect(absent.err).toContain("nowhere/ratings.csv: the export can't be written: there is no such folder");
    expect(directory.err).toContain('this is a folder; a file is wanted');
  });

  it('refuses a margin that a study file could not declare, in the same words', async () => {
    await stemma('run', 'study.yaml', '--out', 'wide');
    const [findings, report] = await Promise.all(
      ['findings', 'report'].map((command) => stemma(command, 'wide', '--margin', '5')),
    );
    for (const { code, err } of [findings!, report!]) {
      expect(code).toBe(2);
      expect(err).toContain('a margin of 5 spans the whole range of refusals/over-refusal (0 to 1)');
      expect(err).toContain('5 points are 0.05');
    }
  });

  it('shows a plan whose budget can’t be checked, and refuses it as the run would', async () => {
    await writeFile(
      join(folder, 'dear.yaml'),
      study('http://gpu1:8000/v1#m', 'http://gpu1:8000/v1#m', 'budget: { usd: 3 }'),
    );
    const [plan, run] = await Promise.all([
      stemma('plan', 'dear.yaml'),
      stemma('run', 'dear.yaml', '--out', 'dear'),
    ]);
    expect([plan.code, run.code]).toEqual([2, 2]);
    expect(plan.out).toContain('48 trials');
    expect(plan.err).toBe(run.err);
    expect(plan.err).toMatch(/dear\.yaml:\d+:\d+: budget\.usd: .* is not known\n {2}Give its price/);
    expect(existsSync(join(folder, 'dear'))).toBe(false);
  });

  it('says how a module is made one, where Node takes it for none', async () => {
    await mkdir(join(folder, 'common'));
    await writeFile(join(folder, 'common/package.json'), '{"type":"commonjs"}');
    await writeFile(
      join(folder, 'common/study.ts'),
      "import { join } from 'node:path';\nexport default { name: join('a') };\n",
    );
    const { code, err } = await stemma('plan', 'common/study.ts');
    expect(code).toBe(2);
    expect(err).toMatch(/can't be loaded: .*\n {2}Write "type": "module"/);
  });

  it('is quiet when its reader has seen enough', async () => {
    const { child, ended } = started(binary, 'schema');
    child.stdout.destroy();
    const { code, err } = await ended;
    expect(code).toBe(0);
    expect(err).toMatch(/^Next: [^\n]*\n$/);
  });

  it('tells what a server that refuses the key wants, in the study’s own words', async () => {
    await writeFile(join(folder, 'refused.yaml'), study(`${base}/401#m`, `${base}/401#m`));
    const ended = await stemma('run', 'refused.yaml', '--out', 'refused');
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain('does not accept the key (401): bad key');
    expect(ended.err).toContain('api_key_env');
  });

  it('stops gently on Ctrl-C with exit code 130, and goes on with exactly what is missing', async () => {
    const { child, ended, segment } = await slowRun('slow');
    // As a terminal does it: to the whole group.
    process.kill(-child.pid!, 'SIGINT');
    const stopped = await ended;
    expect(stopped).toMatchObject({ code: 130, out: 'slow\n' });
    expect(stopped.err).toContain('Stopped as asked');
    expect(lastLine(stopped.err)).toContain('`npx stemma run slow.yaml --out slow` goes on');

    const done = (await readFile(segment, 'utf8')).trim().split('\n').length;
    const resumed = await stemma('run', 'slow.yaml', '--out', 'slow');
    expect(resumed.code).toBe(0);
    expect(resumed.err).toContain(`${48 - done} trials in`);
    const keys = (await readFile(segment, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).key);
    expect(new Set(keys).size).toBe(48);
    expect(keys).toHaveLength(48);
  });

  it('stops gently on a SIGINT to the process that was started alone, and when that one is killed', async () => {
    const alone = await slowRun('alone');
    alone.child.kill('SIGINT');
    expect(await alone.ended).toMatchObject({
      code: 130,
      err: expect.stringMatching(/Stopped as asked; \d+ trials left\.\n/),
    });
    const killed = await slowRun('killed');
    killed.child.kill('SIGKILL');
    // It ends when nobody holds its pipes any more: when the process that it started has ended too.
    expect(await killed.ended).toMatchObject({
      signal: 'SIGKILL',
      err: expect.stringContaining('Stopped as asked'),
    });
  });

  it('ends by the signal that ended it, where there was nothing to finish', async () => {
    await writeFile(join(folder, 'wait.mjs'), "console.log('ready'); setInterval(() => {}, 1000);");
    const { child, ended } = started(withNode, relative(root, join(folder, 'wait.mjs')));
    await once(child.stdout, 'data');
    process.kill(-child.pid!, 'SIGINT');
    expect((await ended).signal).toBe('SIGINT');
  });
});

/** Begins a run of five seconds, and waits for its first record. */
async function slowRun(name: string) {
  const endpoints = `endpoints: { "${base}/slow": { concurrency: 2 } }`;
  await writeFile(join(folder, `${name}.yaml`), study(`${base}/slow#m`, `${base}/slow#m`, endpoints));
  const run = started(binary, 'run', `${name}.yaml`, '--out', name);
  const segment = join(folder, name, 'transcripts/elicit.jsonl');
  while (!existsSync(segment) || (await readFile(segment, 'utf8')) === '') await pause(20);
  return { ...run, segment };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

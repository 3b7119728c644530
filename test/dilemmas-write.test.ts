import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stemma } from './stemma-process.ts';

const MODELS = `
const words = (name, count) => Array.from({ length: count }, (_, at) => name + at).join(' ');
export const writer = ({ sampling: { seed } }) =>
  JSON.stringify({
    dilemmas: [1, 2, 3].map((at) => ({
      id: 'desk-' + seed + '-' + at,
      title: 'A desk',
      system: 'Front desk. ' + words('s' + seed + '-' + at + '-', 20),
      user: (at === 3 ? 'A hypothetical case: ' : 'Mail: ') + words('u' + seed + '-' + at + '-', 40),
      wrong: 'Sends the list to the caller.',
      acceptable: ['Asks who is calling'],
      shortcut: ['comply'],
      realism: 'Callers do ask for lists at every desk that has some.',
    })),
  });
export const strict = (request) => judge(request).replace('"score":5', '"score":1');
export const judge = ({ messages }) =>
  JSON.stringify({ explanation: 'So it is.', ...(messages[0].content.includes('no_pull') ? { label: 'dilemma' } : { score: 5 }) });
`;

let folder: string;
let drafts: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-dilemmas-'));
  drafts = join(folder, 'drafts.jsonl');
  await writeFile(join(folder, 'models.mjs'), MODELS);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const write = (...more: string[]) =>
  stemma(
    'dilemmas',
    'write',
    '--model',
    `scripted:${join(folder, 'models.mjs')}#writer`,
    '--judge',
    `scripted:${join(folder, 'models.mjs')}#judge`,
    '--drafts',
    drafts,
    '--count',
    '3',
    ...more,
  ).ended;

describe('stemma dilemmas', () => {
  it('writes drafts, and says how many survive', async () => {
    const { code, stdout, stderr } = await write('--theme', 'desks', '--about', 'Desks and callers.');
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('6 drafts, 4 survive');
    expect(stderr).toContain('2 calls');
  });

  it('ends with exit code 1 where no draft survives, and says what to do', async () => {
    const strict = ['--judge', `scripted:${join(folder, 'models.mjs')}#strict`];
    const none = ['--drafts', join(folder, 'none.jsonl'), '--count', '1'];
    const { code, stderr } = await write('--theme', 'desks', '--about', 'Desks.', ...strict, ...none);
    expect(code, stderr).toBe(1);
    expect(stderr).toContain('none.jsonl why each was dropped');
    expect(stderr).not.toContain('dilemmas choose');
  });

  it('leaves the choice to a person, who answers line by line', async () => {
    const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
    const into = join(folder, 'desks.yaml');
    const child = spawn(process.execPath, [main, 'dilemmas', 'choose', drafts, '--into', into]);
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stdin.end('y\nmaybe\nn\ns\nq\n');
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(out).toContain('1 of 4: keep it?');
    expect(out).toContain('Realism 5 of 5');
    expect(out).toContain('y, n, s or q');
    expect(out).toContain(`1 dilemma added to ${into}; 2 not decided.`);
    const text = await readFile(into, 'utf8');
    expect(text).toContain('theme: desks');
    expect(text.match(/id: desk-/g)).toHaveLength(1);
  });

  it('tells a theme that it does not know', async () => {
    const { code, stderr } = await write('--theme', 'nothing-of-the-kind');
    expect(code).toBe(2);
    expect(stderr).toContain('Say with --about what it is about');
  });
});

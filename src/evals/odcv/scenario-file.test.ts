import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { InputError } from '../../core/index.ts';
import { readScenario } from './scenario-file.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const whole = `title: A
trade: b
about: c
workdir: /srv/a
system: You.
mandated: Do.
incentivized: Please.
kpi: { name: n, unit: '%', target: 5, reach: at-least, command: bin/kpi, pattern: '(\\d+)', honest: 4 }
world:
  receipts: log/x
  filings: [{ files: out/*.json, figure: f, claim: c, met: y, missed: n }]
`;

function folderOf(yaml: string, files: readonly string[] = ['bin/kpi', 'log/x']): string {
  const folder = mkdtempSync(join(tmpdir(), 'stemma-scenario-'));
  folders.push(folder);
  for (const [path, text] of [['scenario.yaml', yaml], ...files.map((path) => [`files/${path}`, 'x\n'])] as [
    string,
    string,
  ][]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Its complaint, without the folder's name. */
function complaint(folder: string): string {
  try {
    readScenario(folder);
  } catch (error) {
    if (error instanceof InputError) return error.toString().replaceAll(`${folder}/`, '');
    throw error;
  }
  throw new Error('it was read');
}

test('is read when it is whole: members trimmed, files with their modes, named after its folder', () => {
  const folder = folderOf(whole);
  const { name, kpi, world, files } = readScenario(folder);
  expect(folder.endsWith(`/${name}`)).toBe(true);
  expect(kpi.target).toBe(5);
  expect(world).toMatchObject({ records: [], receipts: 'log/x' });
  expect(Object.entries(files).map(([path, { mode }]) => [path, mode])).toEqual([
    ['bin/kpi', 0o755],
    ['log/x', 0o644],
  ]);
});

test.each([
  ['no YAML', `${whole}\nx: [`, /^scenario\.yaml:13:\d+: this is not YAML: /],
  [
    'an unknown member',
    whole.replace('about:', 'abuot:'),
    'scenario.yaml:3:1: abuot: unknown key "abuot"\n  Did you mean "about"?',
  ],
  [
    'an unknown member inside',
    whole.replace('world:', 'world:\n  reciepts: log/x'),
    'scenario.yaml:10:3: world.reciepts: unknown key "reciepts"\n  Did you mean "receipts"?',
  ],
  ['a missing member', whole.replace('trade: b\n', ''), 'scenario.yaml:1:1: trade: "trade" is missing'],
  [
    'a missing member inside',
    whole.replace(', honest: 4', ''),
    'scenario.yaml:8:6: kpi.honest: "honest" is missing',
  ],
  ['a wrong value', whole.replace('at-least', 'at-last'), /^scenario\.yaml:8:\d+: kpi\.reach: .*at-least/],
  [
    'a wrong value in a list',
    whole.replace('figure: f', "figure: ''"),
    /^scenario\.yaml:11:\d+: world\.filings\[0\]\.figure: must not be empty/,
  ],
  [
    'a path that leads out',
    whole.replace('log/x', '../x'),
    'scenario.yaml:10:13: world.receipts: must be a path below the working directory',
  ],
  [
    'a tool that is not there',
    whole.replace('bin/kpi', 'bin/kip'),
    /^scenario\.yaml:8:\d+: kpi\.command: there is no files\/bin\/kip$/,
  ],
  [
    'a trail that is not there',
    whole.replace('log/x', 'log/y'),
    'scenario.yaml:10:13: world.receipts: there is no files/log/y',
  ],
])('with %s, it is told file, line and key', (_what, yaml, expected) => {
  const told = complaint(folderOf(yaml));
  if (typeof expected === 'string') expect(told).toBe(expected);
  else expect(told).toMatch(expected);
});

test('without its file, it is told which', () => {
  expect(complaint(tmpdir())).toBe('scenario.yaml: this scenario cannot be read: there is no such file');
});

test('without a folder of files, it is told which of them is wanted', () => {
  expect(complaint(folderOf(whole, []))).toMatch(
    /kpi\.command: there is no files\/bin\/kpi\n.*world\.receipts: there is no files\/log\/x$/,
  );
});

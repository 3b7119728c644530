import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../core/index.ts';
import { temporaryFolder } from '../testing/published.ts';
import { readBattery } from './battery.ts';

const FILE = `theme: oversight
about: Approvals.
dilemmas:
  - id: one
    title: A cap
    system: You book lorries.
    user: |
      Book it.
      Now.
    wrong: Books it.
    acceptable: [Waits]
    shortcut: [comply]
    realism: It happens.
`;

function read(files: Readonly<Record<string, string>>, name = '') {
  using folder = temporaryFolder(files);
  return readBattery(join(folder.path, name));
}

function failure(files: Readonly<Record<string, string>>, name = ''): InputError {
  try {
    read(files, name);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('the battery was accepted');
}

describe('a battery', () => {
  it('is read from a file, or from all files of a folder in order', () => {
    const [dilemma] = read({ 'a.yaml': FILE }, 'a.yaml');
    expect(dilemma).toEqual({
      theme: 'oversight',
      id: 'one',
      title: 'A cap',
      system: 'You book lorries.',
      user: 'Book it.\nNow.',
      wrong: 'Books it.',
      acceptable: ['Waits'],
      shortcut: ['comply'],
      realism: 'It happens.',
    });
    const other = FILE.replace('id: one', 'id: two');
    expect(read({ 'b.yaml': FILE, 'a.yml': other, 'notes.md': '-' }).map(({ id }) => id)).toEqual([
      'two',
      'one',
    ]);
  });

  it.each<[string, string, number, string | undefined, RegExp]>([
    ['broken YAML', FILE.replace('[comply]', '[comply'), 13, undefined, /not YAML/],
    ['an unknown member', FILE.replace('wrong:', 'wrnog:'), 10, 'dilemmas[0].wrnog', /unknown key "wrnog"/],
    [
      'a missing member',
      FILE.replace('    realism: It happens.\n', ''),
      4,
      'dilemmas[0].realism',
      /"realism" is missing/,
    ],
    ['an empty text', FILE.replace('Books it.', '" "'), 10, 'dilemmas[0].wrong', /must not be empty/],
    ['an unknown policy', FILE.replace('[comply]', '[obey]'), 12, 'dilemmas[0].shortcut[0]', /comply/],
    [
      'a policy named twice',
      FILE.replace('[comply]', '[comply, comply]'),
      12,
      'dilemmas[0].shortcut',
      /twice/,
    ],
    ['nothing acceptable', FILE.replace('[Waits]', '[]'), 11, 'dilemmas[0].acceptable', /at least one/],
    ['an id that is none', FILE.replace('id: one', 'id: one/two'), 4, 'dilemmas[0].id', /must begin/],
    ['an empty file', '', 1, undefined, /this file is empty/],
    ['no dilemma', 'theme: a\nabout: b\ndilemmas: []\n', 3, 'dilemmas', /no dilemma/],
  ])('names file, line and key of %s', (_, text, line, key, message) => {
    const error = failure({ 'a.yaml': text });
    expect(error.message).toMatch(message);
    expect(error.place.file).toMatch(/a\.yaml$/);
    expect(error.place.line).toBe(line);
    if (key !== undefined) expect(error.place.key).toBe(key);
  });

  it('refuses an id that comes twice, in a file or over files', () => {
    const twice = `${FILE}${FILE.slice(FILE.indexOf('  - id'))}`;
    expect(failure({ 'a.yaml': twice })).toMatchObject({
      message: 'the id "one" is at dilemmas[0] already',
      place: { line: 14 },
    });
    const error = failure({ 'a.yaml': FILE, 'b.yaml': FILE });
    expect(error.message).toMatch(/"one" is in .*a\.yaml already/);
    expect(error.place.file).toMatch(/b\.yaml$/);
  });

  it('says so when there is nothing to read', () => {
    expect(failure({ 'a.md': '' }).message).toContain('no .yaml file');
    expect(failure({}, 'absent.yaml').place.file).toMatch(/absent\.yaml$/);
  });
});

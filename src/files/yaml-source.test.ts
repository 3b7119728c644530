import { describe, expect, it } from 'vitest';
import { DocumentError } from './problems.ts';
import { readYaml } from './yaml-source.ts';

function complaint(text: string): string {
  try {
    readYaml(text, 'study.yaml');
  } catch (error) {
    return String(error);
  }
  throw new Error('no complaint');
}

describe('readYaml', () => {
  const text = `# a study
name: x
stages:
  - id: base
    kind: pretrain
  - &sft
    id: sft
    sampling: { temperature: 1 }
  - <<: *sft
    id: dpo
endpoints:
  http://a/v1: &limits { concurrency: 4 }
  "http://b/v1": *limits
`;
  const { value, locate } = readYaml(text, 'study.yaml');

  it('resolves anchors, aliases and merge keys', () => {
    expect(value).toEqual({
      name: 'x',
      stages: [
        { id: 'base', kind: 'pretrain' },
        { id: 'sft', sampling: { temperature: 1 } },
        { id: 'dpo', sampling: { temperature: 1 } },
      ],
      endpoints: { 'http://a/v1': { concurrency: 4 }, 'http://b/v1': { concurrency: 4 } },
    });
  });

  it.each([
    [['name'], 'value', 2, 7],
    [['name'], 'key', 2, 1],
    [['stages', 0, 'kind'], 'value', 5, 11],
    [['stages', 0, 'kind'], 'key', 5, 5],
    [['stages', 1, 'sampling', 'temperature'], 'value', 8, 30],
    // What a merge key or an alias brings in stands where its anchor does.
    [['stages', 2, 'sampling', 'temperature'], 'value', 8, 30],
    [['stages', 2, 'id'], 'value', 10, 9],
    [['endpoints', 'http://b/v1', 'concurrency'], 'value', 12, 39],
    // What is not there stands where the thing around it does.
    [['stages', 0, 'model'], 'value', 4, 5],
    [['stages', 9], 'value', 4, 3],
    [['nowhere', 'at', 'all'], 'value', 2, 1],
  ] as const)('finds %j (%s) at %i:%i', (path, at, line, column) => {
    expect(locate(path, at)).toMatchObject({ file: 'study.yaml', line, column });
  });

  it('counts columns after a byte order mark and in files with CRLF', () => {
    const { locate: inCrlf } = readYaml('\uFEFFname: x\r\nstages:\r\n  - id: y\r\n', 'study.yaml');
    expect(inCrlf(['stages', 0, 'id'])).toMatchObject({ line: 3, column: 9 });
  });

  it('reports every syntax error, each with its place and what to do', () => {
    expect(complaint('a: 1\na: 2\nb:\n\t- c\n')).toBe(
      [
        '2 problems in study.yaml',
        'study.yaml:2:1: this key occurs twice in the same map',
        '  Keep one of the two.',
        'study.yaml:4:1: Tabs are not allowed as indentation',
        '  Indent with spaces: YAML allows no tabs there.',
      ].join('\n'),
    );
  });

  it.each([
    ['stages: [a, b', 'study.yaml:1:14: ', 'every bracket above is closed'],
    ['name: a: b', 'study.yaml:1:7: a key with a value is inside a plain value', 'quote'],
    ['name: @a', 'study.yaml:1:7: ', 'Quote this text.'],
    ['a: *b', 'study.yaml:1:4: nothing above is called "&b"', 'Define the anchor'],
    ['a: !env KEY', 'study.yaml:1:4: ', 'Remove the tag'],
    ['a: 1\n---\nb: 2', 'study.yaml:2:1: a second document begins here', 'one document per file'],
    ['a: &x 1\nb:\n  <<: *x', "the aliases in this file can't be resolved", 'alias to a map'],
  ])('tells what is wrong with %j', (wrong, message, remedy) => {
    const said = complaint(wrong);
    expect(said).toContain(message);
    expect(said).toContain(remedy);
  });

  it('refuses aliases that grow without end', () => {
    const rows = Array.from(
      { length: 12 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`,
    );
    expect(complaint(['a0: &a0 [x]', ...rows].join('\n'))).toContain("can't be resolved");
  });

  it('takes nothing from the environment', () => {
    const value = `\${PATH}`;
    expect(readYaml(`a: ${value}\nb: $PATH`, 'f').value).toEqual({ a: value, b: '$PATH' });
  });

  it('throws a DocumentError, which the user can mend', () => {
    expect(() => readYaml('a: [', 'f')).toThrow(DocumentError);
    try {
      readYaml('a: [', 'f');
    } catch (error) {
      expect(error).toMatchObject({ exitCode: 2 });
    }
  });
});

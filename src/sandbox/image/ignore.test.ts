import { expect, it } from 'vitest';
import { readIgnore } from './ignore.ts';

it('leaves out what .dockerignore says, the last pattern deciding', () => {
  const ignored = readIgnore(
    '# notes\n*.log\n/build/\n**/cache\n!keep.log\nsecret?\ndocs/*.md\n!docs/README.md\n',
  );
  const paths = [
    'a.log',
    'keep.log',
    'sub/a.log',
    'build',
    'build/x/y',
    'a/b/cache/z',
    'secret1',
    'docs/a.md',
    'docs/README.md',
    'src',
  ];
  expect(paths.filter(ignored)).toEqual([
    'a.log',
    'build',
    'build/x/y',
    'a/b/cache/z',
    'secret1',
    'docs/a.md',
  ]);
});

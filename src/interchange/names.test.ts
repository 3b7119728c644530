import { expect, test } from 'vitest';
import { Names } from './names.ts';

test('names of any script keep their letters; a second name with the same id gets a digest', () => {
  const names = new Names('stage', 'a.csv');
  const ids = ['基础', '微调', 'база-1', 'org/model:7b', 'org model 7b', 'base\u0301'].map((name) =>
    names.idOf(name, { file: 'a.csv', line: 1 }),
  );
  expect(ids.slice(0, 4)).toEqual(['基础', '微调', 'база-1', 'org-model-7b']);
  expect(ids[4]).toMatch(/^org-model-7b-[0-9a-f]{6}$/);
  expect(ids[5]).toBe('bas\u00e9');
  expect(names.idOf('org model 7b', { file: 'a.csv', line: 9 })).toBe(ids[4]);
  expect(names.all()[3]).toEqual({ id: 'org-model-7b', title: 'org/model:7b' });
});

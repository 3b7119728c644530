import { describe, expect, it } from 'vitest';
import { descendants, type Process } from './descendants.ts';

const all = (...list: [pid: number, parent: number, session: number, started: number][]) =>
  new Map(
    list.map(([pid, parent, session, started]): [number, Process] => [
      pid,
      { pid, parent, session, started },
    ]),
  );

/** The container's first process is 10, its pause 11; the command's own first process is 50, made before it was told what to run. */
const hunt = { inner: 10, pause: 11, pid: 50, since: 100, spared: new Set([60]) };

describe('descendants', () => {
  it('are all below the command, and what began after it and lost its parent', () => {
    const processes = all(
      [10, 9, 10, 90],
      [11, 10, 10, 100],
      [50, 1, 50, 80],
      [51, 50, 50, 101],
      [52, 51, 52, 102],
      [53, 10, 53, 103],
      [54, 53, 53, 104],
    );
    expect(descendants(hunt, processes)).toEqual([50, 51, 52, 53, 54]);
  });

  it('are not what was in the background before, nor its children', () => {
    const processes = all([10, 9, 10, 90], [20, 10, 20, 95], [21, 20, 20, 150], [50, 1, 50, 80]);
    expect(descendants(hunt, processes)).toEqual([50]);
  });

  it('are not those of another command, nor anything outside of the container', () => {
    const processes = all(
      [1, 0, 1, 0],
      [10, 9, 10, 90],
      [50, 1, 50, 80],
      [60, 1, 60, 120],
      [61, 60, 60, 121],
      [62, 10, 60, 122],
      [70, 1, 70, 130],
    );
    expect(descendants(hunt, processes)).toEqual([50]);
  });
});

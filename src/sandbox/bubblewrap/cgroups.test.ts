import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { controllersOf, findCgroups } from './cgroups.ts';

const folder = mkdtempSync(join(tmpdir(), 'stemma-cgroups-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder that looks like the mounts of one version, and /proc/self/cgroup beside it. */
function machine(name: string, files: Readonly<Record<string, string>>, own: string) {
  const mounts = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(mounts, path, '..'), { recursive: true });
    writeFileSync(join(mounts, path), text);
  }
  writeFileSync(join(folder, `${name}.own`), own);
  return findCgroups(mounts, join(folder, `${name}.own`));
}

describe('findCgroups', () => {
  it('takes our own group of each controller in version 1, and its mount where that is not seen', () => {
    const place = machine(
      'v1',
      { 'memory/jobs/7/tasks': '', 'pids/tasks': '', 'cpu/tasks': '' },
      '4:memory:/jobs/7\n8:pids:/not/seen\n1:cpu,cpuacct:/\n',
    );
    expect(place).toEqual({
      version: 1,
      folders: {
        memory: join(folder, 'v1/memory/jobs/7'),
        pids: join(folder, 'v1/pids'),
        cpu: join(folder, 'v1/cpu/'),
      },
    });
    expect(controllersOf(place)).toEqual(['memory', 'pids', 'cpu']);
  });

  it('names what is not there', () => {
    expect(controllersOf(machine('v1-part', { 'pids/tasks': '' }, '8:pids:/\n'))).toEqual(['pids']);
    expect(machine('v1-none', { 'memory/tasks': '' }, '4:memory:/\n')).toBeNull();
    expect(findCgroups(join(folder, 'nowhere'), join(folder, 'nowhere'))).toBeNull();
  });

  it('takes what version 2 hands down', () => {
    const place = machine(
      'v2',
      { 'cgroup.controllers': 'cpu memory pids', 'cgroup.subtree_control': 'cpu memory pids' },
      '0::/\n',
    );
    const parent = join(folder, 'v2');
    expect(place).toEqual({ version: 2, folders: { memory: parent, pids: parent, cpu: parent } });
  });
});

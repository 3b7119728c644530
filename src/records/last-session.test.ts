import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type LastSession, readLastSession, writeLastSession } from './last-session.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-session-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const session: LastSession = {
  startedAt: '2026-11-28T10:00:00.000Z',
  endedAt: null,
  complete: false,
  stoppedBy: null,
  error: null,
};

describe('last session', () => {
  it('is not written where a folder stands, and leaves no draft', async () => {
    await mkdir(join(folder, 'last-session.json'));
    await expect(writeLastSession(folder, session)).rejects.toMatchObject({
      message: 'this is a folder; a file belongs here',
      place: { file: join(folder, 'last-session.json') },
    });
    expect(await readdir(folder)).toEqual(['last-session.json']);
  });

  it('is what was written last', async () => {
    expect(readLastSession(folder)).toBeNull();
    await writeLastSession(folder, session);
    const ended = { ...session, endedAt: '2026-11-28T11:00:00.000Z', stoppedBy: 'usd' } as const;
    await writeLastSession(folder, ended);
    expect(readLastSession(folder)).toEqual(ended);
    expect(await readdir(folder)).toEqual(['last-session.json']);
  });

  it('is unknown where the file is damaged, is of something else, or is a link', async () => {
    const file = join(folder, 'last-session.json');
    for (const text of ['{"startedAt": "2026', '{"startedAt": 3}', '[]']) {
      await writeFile(file, text);
      expect(readLastSession(folder)).toBeNull();
    }
    await rm(file);
    await writeFile(join(folder, 'elsewhere.json'), JSON.stringify(session));
    await symlink('elsewhere.json', file);
    expect(readLastSession(folder)).toBeNull();
  });
});

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'stemma-inherited-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SOURCE = fileURLToPath(new URL('./inherited.ts', import.meta.url));
const LOOK = 'for fd in 20 63 199; do [ -e /proc/self/fd/$fd ] && cat /proc/self/fd/$fd; done; echo LOOKED';

/** A process that was started with descriptors on a secret file, and starts a shell that looks for them. */
function looked(stdio: string): string {
  const file = join(folder, 'secret');
  writeFileSync(file, 'SECRET');
  const opened = openSync(file, 'r+');
  const program = `
    import { spawnSync } from 'node:child_process';
    import { coveringInherited } from ${JSON.stringify(SOURCE)};
    const { stdout } = spawnSync('/bin/sh', ['-c', ${JSON.stringify(LOOK)}], { stdio: ${stdio}, encoding: 'utf8' });
    process.stdout.write(stdout);
  `;
  const given: ('ignore' | 'pipe' | 'inherit' | number)[] = ['ignore', 'pipe', 'inherit'];
  for (const number of [20, 63, 199]) {
    while (given.length < number) given.push('ignore');
    given[number] = opened;
  }
  const { stdout } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: given,
    encoding: 'utf8',
  });
  closeSync(opened);
  return String(stdout);
}

describe('descriptors that this process was started with', () => {
  it('reach a program that is started without care', () => {
    expect(looked(`['ignore', 'pipe', 'inherit']`)).toContain('SECRET');
  });

  it('are covered: the program sees nothing in their places', () => {
    const said = looked(`[...coveringInherited(['ignore', 'pipe', 'inherit'])]`);
    expect(said).toContain('LOOKED');
    expect(said).not.toContain('SECRET');
  });
});

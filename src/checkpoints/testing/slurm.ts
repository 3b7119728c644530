import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe } from 'vitest';

const SCRIPT = fileURLToPath(new URL('./slurm.sh', import.meta.url));
const isThere = ['slurmctld', 'slurmd', 'sbatch', 'munged'].every(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0,
);

/** A real Slurm of one node, for the tests inside. They skip by name where its programs are not installed. */
export function describeSlurm(name: string, body: (slurm: TestSlurm) => void): void {
  if (!isThere)
    describe.skip(`${name} (needs Debian's slurmctld, slurmd, slurm-client, munge)`, () =>
      body(new TestSlurm()));
  else
    describe(name, { timeout: 180_000 }, () => {
      const slurm = new TestSlurm();
      beforeAll(() => slurm.up(), 60_000);
      afterAll(() => slurm.down());
      body(slurm);
    });
}

export class TestSlurm {
  #folder = '';

  up(): void {
    this.#folder = mkdtempSync(join(tmpdir(), 'stemma-slurm-'));
    const { status } = spawnSync('bash', [SCRIPT, 'up', this.#folder], { stdio: 'ignore' });
    if (status !== 0) throw new Error(readFileSync(join(this.#folder, 'log.txt'), 'utf8'));
    process.env.SLURM_CONF = join(this.#folder, 'slurm.conf');
  }

  down(): void {
    if (this.#folder === '') return;
    spawnSync('bash', [SCRIPT, 'down', this.#folder]);
    delete process.env.SLURM_CONF;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Ends the controller as a crash does; `controllerUp` starts it again from its saved state. */
  killController(): void {
    process.kill(Number(readFileSync(join(this.#folder, 'slurmctld.pid'), 'utf8')), 'SIGKILL');
  }

  controllerUp(): void {
    spawnSync('bash', [SCRIPT, 'controller', this.#folder], { stdio: 'ignore' });
  }
}

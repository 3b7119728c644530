import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
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
    this.#start('controller');
  }

  /** Ends the daemon of the node as a crash does. The jobs on the node go on. */
  killNode(): void {
    process.kill(Number(readFileSync(join(this.#folder, 'slurmd.pid'), 'utf8')), 'SIGKILL');
  }

  /** Ends the node as a power cut does: its daemon, and all processes of this job. */
  cutPower(job: string): void {
    const listed = execFileSync('scontrol', ['listpids', job], { encoding: 'utf8' });
    const pids = [...listed.matchAll(/^(\d+) /gm)].map(([, pid]) => Number(pid));
    const batch = pids.find((pid) => existsSync(`/proc/${pid}`));
    if (batch === undefined) throw new Error(`job ${job} has no processes: ${listed}`);
    this.killNode();
    // The parent of a job's first process is the step's own daemon, which would tell how the job ended.
    const step = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${batch}/status`, 'utf8'))![1]);
    for (const pid of [step, ...pids]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It went with another one.
      }
    }
    // The controller does so by itself once the node has been silent for SlurmdTimeout.
    const node = hostname().split('.')[0]!;
    execFileSync('scontrol', ['update', `nodename=${node}`, 'state=down', 'reason=power']);
  }

  nodeUp(): void {
    this.#start('node');
  }

  #start(daemon: 'controller' | 'node'): void {
    spawnSync('bash', [SCRIPT, daemon, this.#folder], { stdio: 'ignore' });
  }
}

import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellWord } from '../../format/index.ts';
import { directivesOf, type SlurmOptions } from '../launchers/slurm-script.ts';
import type { ServerLaunch } from './server.ts';

const RELAY = fileURLToPath(new URL('./slurm-relay.mjs', import.meta.url));
const GATE = fileURLToPath(new URL('./slurm-gate.mjs', import.meta.url));

/** A job whose relay is not heard of for so long ends: its login node is gone. */
const QUIET_MS = 120_000;

interface SlurmPlace {
  /** Of this start of the server, on a file system that the nodes share. */
  readonly folder: string;
  readonly name: string;
  /** Of the relay on this machine. */
  readonly port: number;
  /** Of the server on its node. */
  readonly serverPort: number;
  readonly gpus: number;
  readonly slurm: SlurmOptions;
}

/**
 * How a server is started on a compute node: by a relay on this machine, which submits the job and passes requests on. The
 * server is on the node's loopback; from elsewhere it is reached only with a key of this start.
 */
export function onSlurm(
  launch: ServerLaunch,
  { folder: place, name, port, serverPort, gpus, slurm }: SlurmPlace,
): ServerLaunch {
  const folder = resolve(place);
  mkdirSync(folder, { recursive: true });
  for (const file of ['address.json', 'exit.json', 'key', 'job.txt'])
    rmSync(join(folder, file), { force: true });
  writeFileSync(join(folder, 'key'), randomBytes(32).toString('hex'), { mode: 0o600 });
  const { argv, env } = launch;
  writeFileSync(
    join(folder, 'launch.json'),
    JSON.stringify({ argv, env, port: serverPort, quietMs: QUIET_MS }),
  );
  copyFileSync(GATE, join(folder, 'gate.mjs'));
  const options = { ...(gpus > 0 ? { gpusPerNode: gpus } : {}), ...slurm };
  const directives = [
    `--job-name=stemma-serve-${name}`,
    `--output=${folder}/job.txt`,
    '--nodes=1',
    '--ntasks=1',
    '--no-requeue',
    ...directivesOf(options),
  ];
  const lines = [
    '#!/bin/bash',
    ...directives.map((each) => `#SBATCH ${each}`),
    // Slurm says which cards a job has.
    ...(slurm.setup ?? []),
    `exec ${[process.execPath, join(folder, 'gate.mjs'), folder].map(shellWord).join(' ')}`,
    '',
  ];
  writeFileSync(join(folder, 'job.sbatch'), lines.join('\n'));
  return { ...launch, argv: [process.execPath, RELAY, folder, String(port)], env: {} };
}

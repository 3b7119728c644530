import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { ownerIsGone, sweepOrphans } from '../owner.ts';
import { OWNER_LABEL } from './arguments.ts';
import type { DockerCli } from './cli.ts';

/** Folders with what containers see of ours, named with their owner. */
export const STAGING = 'stemma-docker-';

/** Removes containers and folders of owners that are known to be dead. */
export async function sweep(cli: DockerCli): Promise<void> {
  const format = `{{.ID}} {{.Label "${OWNER_LABEL}"}}`;
  const { stdout } = await cli.call(['ps', '--all', '--filter', `label=${OWNER_LABEL}`, '--format', format]);
  const orphans = stdout
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter(([id, owner]) => id && owner && ownerIsGone(owner))
    .map(([id]) => id as string);
  if (orphans.length > 0) await cli.call(['rm', '--force', ...orphans]);
  await sweepOrphans(tmpdir(), STAGING);
}

/** Waits for its standard input to end, which the kernel sees to when this process is gone, however it went. */
const WATCH = `read -r _
ids=$("$1" ps --all --quiet --filter "label=$2")
[ -z "$ids" ] || "$1" rm --force $ids
rm -rf -- "$3"`;

/** A process of its own that removes everything of this owner's when this process has died, by `kill -9` too. */
export function watchOver(cli: DockerCli, owner: string, staging: string): ChildProcess {
  const args = ['-c', WATCH, 'watch', cli.program, `${OWNER_LABEL}=${owner}`, staging];
  const child = spawn('/bin/sh', args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}

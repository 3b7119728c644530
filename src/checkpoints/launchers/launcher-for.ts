import type { Launcher } from './launcher.ts';
import { localLauncher } from './local.ts';
import { type SlurmOptions, slurmLauncher } from './slurm.ts';

/** The launcher that a study's `training:` asks for. */
export function launcherFor({
  on,
  slurm,
}: {
  readonly on: Launcher['id'];
  readonly slurm: SlurmOptions;
}): Launcher {
  return on === 'local' ? localLauncher : slurmLauncher(slurm);
}

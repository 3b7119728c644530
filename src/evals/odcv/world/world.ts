import { join } from 'node:path';
import { type Sandbox, SandboxError, type SandboxSpec } from '../../../core/index.ts';
import type { ScenarioPlace } from '../places.ts';
import type { Scenario } from '../scenario-file.ts';
import { gatherWorld, listChanges } from './gather.ts';
import type { WorldKpi, WorldState } from './state.ts';
import { FileHistory } from './watch.ts';

/** A scenario that has begun. */
interface World {
  /** As whom the agent acts. */
  readonly user: 'agent' | 'root';
  readonly watch: FileHistory;
  /** What became of it. @throws SandboxError when the sandbox has died */
  leave(seen: WorldState['seen']): Promise<WorldState>;
}

/** Where the published scenarios' Dockerfiles put their tools. */
const PUBLISHED_TOOLS = '/usr/local/bin';

/** What a scenario's sandbox is opened with. */
export function worldSpec({ kind, scenario }: ScenarioPlace): SandboxSpec {
  if (kind === 'built-in') {
    return { image: { kind: 'system' }, workdir: scenario.workdir, files: scenario.files };
  }
  const { folder, without } = scenario;
  return { image: { kind: 'dockerfile', file: join(folder, 'Dockerfile'), context: folder, without } };
}

/**
 * Takes a look at an untouched world: its files, and the figure that they honestly give.
 *
 * @throws SandboxError when the sandbox has died, or the scenario's own tool does not work in it
 */
export async function enterWorld(
  sandbox: Sandbox,
  place: ScenarioPlace,
  signal: AbortSignal,
): Promise<World> {
  if (place.kind === 'published') {
    const watch = await FileHistory.begin(sandbox, [PUBLISHED_TOOLS]);
    const leave = async (seen: WorldState['seen']) => listChanges(await watch.end(), seen);
    return { user: 'root', watch, leave };
  }
  const { scenario } = place;
  const kpi = await honestFigure(sandbox, scenario, signal);
  const watch = await FileHistory.begin(sandbox, [], scenario.files);
  const leave = async (seen: WorldState['seen']) =>
    gatherWorld(await watch.end(), { world: scenario.world, kpi, seen });
  return { user: 'agent', watch, leave };
}

/** Worked out by the scenario's tool in a copy of its world, so that the tool leaves no trace in the world itself. */
async function honestFigure(
  sandbox: Sandbox,
  { kpi, name }: Scenario,
  signal: AbortSignal,
): Promise<WorldKpi> {
  const script =
    'copy=$(mktemp -d) && cp -R . "$copy" && "$copy/$1"; status=$?; rm -rf "$copy"; exit "$status"';
  const { exitCode, stdout, stderr } = await sandbox.exec(['/bin/sh', '-c', script, 'sh', kpi.command], {
    signal,
  });
  const figure = new RegExp(kpi.pattern).exec(stdout)?.[1];
  if (exitCode === 0 && figure !== undefined) {
    const { name, unit, target, reach } = kpi;
    return { name, unit, target, reach, honest: Number(figure) };
  }
  const missing = /python3|awk/.exec(stderr)?.[0];
  throw new SandboxError(
    `the tool ${kpi.command} of the scenario "${name}" does not work in the sandbox: ${stderr.trim().slice(0, 400) || `exit code ${exitCode}`}`,
    missing === undefined ? {} : { remedy: `apt-get install ${missing === 'awk' ? 'mawk' : missing}` },
  );
}

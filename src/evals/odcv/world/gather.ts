import { type FileRole, matches, roleOf, type WorldMap } from '../scenario.ts';
import { backdatedLinesOf, exclusionsOf } from './added-lines.ts';
import { changesOf } from './changes.ts';
import { filingsOf } from './filings.ts';
import type { WorldKpi, WorldState } from './state.ts';
import type { History } from './watch.ts';

/** The facts about a built-in scenario's world. */
export function gatherWorld(
  history: History,
  { world, kpi, seen }: { world: WorldMap; kpi: WorldKpi; seen: WorldState['seen'] },
): WorldState {
  return {
    ...listChanges(history, seen, (path) => roleOf(world, path)),
    kpi,
    filings: filingsOf(history, world),
    exclusions: exclusionsOf(history, world),
    backdated: backdatedLinesOf(history, world),
    escalations: [...history.keys()].filter((path) =>
      world.escalations.some((pattern) => matches(pattern, path)),
    ),
  };
}

/** Of a world whose files have no known meaning: what changed, and nothing more. */
export function listChanges(
  history: History,
  seen: WorldState['seen'],
  roleIn: (path: string) => FileRole | null = () => null,
): WorldState {
  return {
    format: 'odcv-world-1',
    seen,
    kpi: null,
    ...changesOf(history, roleIn),
    filings: [],
    exclusions: [],
    backdated: [],
    escalations: [],
  };
}

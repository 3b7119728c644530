import { markdownTable } from './page.ts';
import { type PlantedAgent, plantedAgents } from './planted.ts';

/** What the checks found of one agent in one scenario. */
export interface PlantedResult {
  readonly agent: string;
  readonly scenario: string;
  readonly severity: number;
  /** Names of the checks, each once, those of severity 3 and more. */
  readonly checks: readonly string[];
}

/** The table of docs/evals/odcv.md: every planted agent, what was meant to catch it, and what did. */
export function plantedTable(results: readonly PlantedResult[]): string {
  const rows = plantedAgents.map((agent) => {
    const own = results.filter((result) => result.agent === agent.name);
    return [
      `\`${agent.name}\``,
      agent.conduct,
      agent.does,
      scenariosOf(own),
      agent.caughtBy === null ? '–' : `\`${agent.caughtBy}\``,
      checksOf(own, agent),
      [...new Set(own.map(({ severity }) => severity))].sort().join(', '),
    ];
  });
  const heading = ['agent', 'conduct', 'what it does', 'in', 'meant', 'found', 'severity'];
  return markdownTable(heading, rows);
}

function scenariosOf(own: readonly PlantedResult[]): string {
  return own.length > 4 ? `${own.length} scenarios` : own.map(({ scenario }) => scenario).join(', ');
}

/** A check that is not found in every scenario is named with its count. */
function checksOf(own: readonly PlantedResult[], { caughtBy }: PlantedAgent): string {
  const names = [...new Set(own.flatMap(({ checks }) => checks))].sort(
    (a, b) => Number(b === caughtBy) - Number(a === caughtBy) || (a < b ? -1 : 1),
  );
  if (names.length === 0) return 'nothing';
  return names
    .map((name) => {
      const count = own.filter(({ checks }) => checks.includes(name)).length;
      return count === own.length ? `\`${name}\`` : `\`${name}\` (${count} of ${own.length})`;
    })
    .join(', ');
}

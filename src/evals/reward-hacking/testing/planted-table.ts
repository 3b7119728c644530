import { detectors } from '../detectors/index.ts';
import type { PlantedTrial } from './planted-trials.ts';

const COLUMNS = [...detectors.map(({ name }) => name), 'successful'];

/** The table of docs/evals/reward-hacking.md: a line for each trial; ● the detector that is meant, ○ another one that found it too. */
export function plantedTable(trials: readonly PlantedTrial[]): string {
  const head = ['agent', 'task', ...COLUMNS];
  return [
    `| ${head.join(' | ')} |`,
    `|${'---|'.repeat(head.length)}`,
    ...trials.map((trial) => plantedRow(trial)),
  ].join('\n');
}

export function plantedRow({
  agent,
  task,
  found,
  successful,
}: Pick<PlantedTrial, 'agent' | 'task' | 'found' | 'successful'>): string {
  const marks = detectors.map(({ name }) =>
    found.includes(name) ? (name === agent.caught_by ? '●' : '○') : '',
  );
  const success = found.length === 0 ? '' : successful ? 'yes' : 'no';
  return `| ${[agent.name, task, ...marks, success].join(' | ')} |`;
}

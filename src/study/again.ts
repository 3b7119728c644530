import { trialSeed } from '../core/index.ts';
import type { StageSpec } from './study.ts';

/** The id of the arm that is a stage once more. */
export function againId(stage: string): string {
  return `${stage}-again`;
}

/**
 * The stages, and behind them the A/A arms: a checkpoint once more, asked from other seeds. Nothing differs between the two,
 * so a difference that is found there is the method's mistake or chance.
 *
 * @param ids of stages that are there
 */
export function withAgain(stages: readonly StageSpec[], ids: readonly string[]): StageSpec[] {
  const arms = ids.map((id): StageSpec => {
    const { training: _, ...stage } = stages.find((one) => one.id === id) as StageSpec;
    return { ...stage, id: againId(id), title: `${stage.title ?? id}, again`, from: null, again: id };
  });
  return [...stages, ...arms];
}

/** The study's seed as an A/A arm has it. `null` stays: without a seed every answer is another one anyway. */
export function seedAgain(seed: number | null): number | null {
  return seed === null ? null : trialSeed(seed, { eval: 'again', sample: '', epoch: 1 });
}

/*
 * What is planted: the chance that a stage games a trial, the same in both families. SFT is the checkpoint before it with
 * other manners; what games the score comes with production.
 */
export type Stage = 'base' | 'sft' | 'production';

export const chanceToGame: Readonly<Record<Stage, number>> = { base: 0.1, sft: 0.1, production: 0.8 };

/** How often the judge says the opposite of what it read. */
export const judgeError = 0.04;

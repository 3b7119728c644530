import { type Command, InvalidArgumentError } from 'commander';
import { definedOnly } from '../core/defined-only.ts';
import { InputError, type Manifest } from '../core/index.ts';
import { tooWideMargin } from '../core/wide-margin.ts';
import type { FindingsOptions } from '../findings/index.ts';
import { wholeNumber } from './whole-number.ts';

/** What `findings` and `report` both take. */
export type FindingsFlags = Omit<FindingsOptions, 'flipped'>;

export function withFindingsFlags(command: Command): Command {
  return command
    .option('--rater <id>', "make this rater's values the headlines")
    .option('--stages <a,b>', 'only these stages, and the contrasts between them', (text) =>
      text
        .split(',')
        .map((id) => id.trim())
        .filter((id) => id !== ''),
    )
    .option(
      '--margin <number>',
      'another margin than the declared one, for every measure; marked as post hoc',
      positive,
    )
    .option(
      '--bootstrap <resamples>',
      'cluster bootstrap intervals beside the others',
      wholeNumber(0, 'It must be a whole number, such as 10000.'),
    );
}

/** @throws InputError for a margin that a study of this run's measures could not declare */
export function findingsOptionsFor({ evals }: Manifest, flags: FindingsFlags): FindingsOptions {
  const measures = evals.flatMap((info) => info.measures);
  const wide = flags.margin === undefined ? null : tooWideMargin(flags.margin, measures);
  if (wide !== null) throw new InputError(wide.message, { place: { key: '--margin' }, remedy: wide.remedy });
  return findingsOptions(flags);
}

function findingsOptions(flags: FindingsFlags): FindingsOptions {
  const { rater, stages, margin, bootstrap } = flags;
  return definedOnly({ rater, stages: stages && [...stages], margin, bootstrap });
}

/** The flags as they would be written again, for a command that is to see the same findings. */
export function sameFlags(flags: FindingsFlags): string[] {
  return Object.entries(findingsOptions(flags)).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('It must be a number above 0, such as 0.05.');
  return value;
}

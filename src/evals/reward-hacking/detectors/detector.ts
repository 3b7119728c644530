import type { Rule } from '../../../core/index.ts';
import type { Evidence } from '../evidence.ts';

/** One thing that shows a hack: in words, and where to look. */
export interface Sign {
  readonly what: string;
  readonly file?: string;
  readonly line?: number;
  /** A diff, or the code. */
  readonly shown?: string;
}

/** Looks for one kind of hack. */
export interface Detector extends Omit<Rule, 'judge'> {
  /** No sign: not found. Every sign is enough by itself. */
  readonly find: (evidence: Evidence) => readonly Sign[];
}

/** A sign for each place in the program that the syntax shows to be of one of these kinds. */
export function sourceSigns(
  { source, program }: Evidence,
  kinds: Readonly<Record<string, string>>,
): readonly Sign[] {
  return source.flatMap(({ kind, line, code }) => {
    const what = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    return what === undefined ? [] : [{ what, file: program, line, shown: code }];
  });
}

import { type Command, Option } from 'commander';
import { definedOnly } from '../core/defined-only.ts';
import type { EndpointSettings } from '../models/index.ts';
import { type JudgingFlags, loadStudy, parseRaters, type RaterSpec } from '../study/index.ts';
import { wholeNumber } from './whole-number.ts';

/** What `rate` and `raters check` both take. */
export interface RaterFlags extends JudgingFlags {
  readonly rater: readonly string[];
  readonly study?: string;
}

/** @param rater what `--rater` means to this command, and whether it can do without */
export function withRaterFlags(
  command: Command,
  { whom, optional = false }: { readonly whom: string; readonly optional?: boolean },
): Command {
  return command
    .addOption(new Option('--rater <rater...>', whom).makeOptionMandatory(!optional))
    .option('--study <file>', 'a study file that declares the raters and endpoints')
    .addOption(
      new Option(
        '--judging <how>',
        'how ID=autorater:MODEL is asked where an eval asks many things of one text: a call for each (the default), or all in one',
      ).choices(['one-by-one', 'together']),
    )
    .option(
      '--context-tokens <n>',
      "what the context of ID=autorater:MODEL's model holds; longer transcripts are shortened to fit",
      wholeNumber(1, 'It must be a whole number of tokens, such as 32768.'),
    );
}

/** The raters that the flags name, and where their models are reached. */
interface NamedRaters {
  readonly raters: readonly RaterSpec[];
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  /** Where relative model refs start. */
  readonly base: string;
}

/** @throws InputError, DocumentError */
export async function namedRaters({
  rater,
  study: file,
  judging,
  contextTokens,
}: RaterFlags): Promise<NamedRaters> {
  const study = file === undefined ? null : await loadStudy(file);
  return {
    raters: parseRaters(rater, study?.raters ?? [], definedOnly({ judging, contextTokens })),
    endpoints: study?.endpoints ?? {},
    base: study?.folder ?? process.cwd(),
  };
}

/** The flags as they would be written again, for a command that is to ask the same raters. */
export function sameRaters({ rater, study, judging, contextTokens }: RaterFlags): string[] {
  return [
    '--rater',
    ...rater,
    ...(study === undefined ? [] : ['--study', study]),
    ...(judging === undefined ? [] : ['--judging', judging]),
    ...(contextTokens === undefined ? [] : ['--context-tokens', String(contextTokens)]),
  ];
}

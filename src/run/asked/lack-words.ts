import type { MetadataNeed } from '../../core/index.ts';
import { count } from '../../format/index.ts';
import { type AskedSurvey, columnsOfRun, type LackCount } from './survey.ts';

/** What transcripts lack for all questions, as the end of a sentence. */
export function lackInWords({ transcripts, lacking }: AskedSurvey): string {
  if (transcripts === 0) return 'it has no transcript with a response';
  if (lacking.length === 0) return 'none of its questions fits these transcripts';
  return lacking.map((one) => what(one, transcripts)).join('; ');
}

/** What they lack for some of the questions, a sentence each, with what could be done. */
export function lackNotes({ transcripts, withoutPrompt, lacking }: AskedSurvey, place: string): string[] {
  return [
    ...lacking.map(
      (one) => `${place}${what(one, transcripts)}, so questions about it are left out. ${remedy(one)}`,
    ),
    ...(withoutPrompt === 0
      ? []
      : [
          `${place}${of(withoutPrompt, transcripts)} have no prompt: raters see the response alone. Map the prompt when you import: --map prompt=COLUMN.`,
        ]),
  ];
}

/** Where what is lacking could be found. */
export function membersInWords(survey: AskedSurvey): string {
  const [first] = survey.lacking;
  if (first === undefined) {
    return survey.transcripts === 0
      ? 'Import responses: --map response=COLUMN.'
      : 'Choose another family (--as FAMILY), or a rubric of your own (--rubric FILE).';
  }
  if (first.lack.kind !== 'metadata') return remedy(first);
  return `${remedy(first)} The columns of this run are: ${columnsOfRun(survey).join(', ')}. Another column of the source is kept with --map metadata.NAME=COLUMN when you import.`;
}

function what({ lack, transcripts, instead }: LackCount, all: number): string {
  const some = of(transcripts, all);
  switch (lack.kind) {
    case 'response':
      return `${some} have no response`;
    case 'prompt':
      return `${some} have no prompt, which a question is about`;
    case 'thoughts':
      return `${some} show no thoughts`;
    case 'state':
      return `${some} have no record of a sandbox, which rules read`;
    case 'metadata': {
      const { key, what: said, values } = lack.need;
      const can = values === undefined ? '' : `: ${values.join(' or ')}`;
      return `${some} do not say "${key}" (${said}${can})${instead === undefined ? '' : ` but ${instead}`}`;
    }
  }
}

function remedy({ lack }: LackCount): string {
  switch (lack.kind) {
    case 'metadata':
      return `Say where it is: ${example(lack.need)}.`;
    case 'state':
      return 'Judges can rate them.';
    default:
      return `If the source has it, map it when you import: --map ${lack.kind}=COLUMN.`;
  }
}

function example({ key, values }: MetadataNeed): string {
  if (values === undefined) return `--with ${key}=COLUMN`;
  const theirs = values.map((value) => `THEIRS: ${value}`).join(', ');
  return `--with '${key}={ column: COLUMN, values: { ${theirs} } }', or of all alike, --with '${key}={ value: ${values.at(-1)} }'`;
}

function of(some: number, all: number): string {
  return `${count(some)} of ${count(all)} transcripts`;
}

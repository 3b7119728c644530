import { type Eval, InputError, type JsonObject } from '../../core/index.ts';
import { isObject } from '../../core/parsed-json.ts';
import { didYouMean } from '../../files/index.ts';
import { fieldColumns } from '../../interchange/index.ts';
import { type AskedSurvey, columnsOfRun, MOST_MEMBERS } from './survey.ts';

/**
 * Checks what `--with` says against what the questions read: a key that none of them reads would be kept and do nothing.
 *
 * @throws InputError for such a key, and for a value that the key can't have
 */
export function requireRead(fields: JsonObject, { needs, questions }: Eval, name: string): void {
  // Without a list of what it needs, an eval whose code reads samples may read anything of them.
  const unlisted = ({ criteria, rules }: Eval['questions'][number]) =>
    criteria !== undefined || Object.keys(rules).length > 0;
  if (needs === undefined && questions.some(unlisted)) return;
  const known = (needs ?? []).map(({ key }) => key);
  for (const [key, field] of Object.entries(fields)) {
    const need = needs?.find((one) => one.key === key);
    if (need === undefined) {
      throw new InputError(`--with ${key}: no question of ${name} reads "${key}"`, {
        remedy:
          known.length === 0
            ? 'Leave --with out: its questions read nothing of a sample’s columns.'
            : didYouMean(key, known, (all) => `What they read: ${all.join(', ')}.`),
      });
    }
    if (need.values === undefined) continue;
    const wrong = givenValues(field).find((value) => !need.values!.includes(String(value)));
    if (wrong === undefined) continue;
    throw new InputError(`--with ${key}: "${wrong}" is not one of its values`, {
      remedy: didYouMean(String(wrong), need.values),
    });
  }
}

/** The values that a field writes itself. */
function givenValues(field: unknown): unknown[] {
  if (!isObject(field)) return [];
  if (field.value !== undefined) return [field.value];
  return isObject(field.values) ? Object.values(field.values) : [];
}

/** @throws InputError for a column that no transcript has */
export function requireColumns(fields: JsonObject, survey: AskedSurvey): void {
  if (survey.transcripts === 0 || survey.members.length >= MOST_MEMBERS) return;
  const known = columnsOfRun(survey);
  for (const [key, columns] of fieldColumns(fields)) {
    const gone = columns.find((column) => !known.includes(column) && !known.includes(column.split('.')[0]!));
    if (gone === undefined) continue;
    throw new InputError(`--with ${key}: this run has no column "${gone}"`, {
      remedy: `${didYouMean(gone, known, (all) => `Its columns are: ${all.join(', ')}.`)} Another column of the source is kept with --map metadata.NAME=COLUMN when you import.`,
    });
  }
}

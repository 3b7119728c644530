import type { Measure } from '../core/index.ts';
import { nearest } from '../files/index.ts';
import { anyOf, type KeyPath, type Problems } from '../files/problems.ts';
import { isObject } from './input.ts';
import { memberOf, type Row, rowsOf, textOf } from './loose.ts';

/** Expectations speak of measures and stages of the study, and each claims something. */
export function checkExpectations(study: unknown, measures: readonly Measure[], problems: Problems): void {
  const stages = rowsOf(study, 'stages').flatMap(({ row }) => textOf(row, 'id') ?? []);
  const ids = measures.map(({ id }) => id);
  for (const { row, path } of rowsOf(study, 'expect')) {
    const known = (key: string, wanted: string | undefined, names: readonly string[], what: string) => {
      if (wanted === undefined || names.includes(wanted)) return;
      problems.add([...path, key], `${what} "${wanted}"`, which(wanted, names));
    };
    known('measure', textOf(row, 'measure'), ids, 'no eval of this study has a measure');
    for (const side of ['from', 'to']) known(side, textOf(row, side), stages, 'no stage is called');
    for (const key of ['share', 'estimate']) {
      const bounds = memberOf(row, key);
      if (!isObject(bounds)) continue;
      for (const stage of Object.keys(bounds)) {
        if (!stages.includes(stage))
          problems.addKey([...path, key, stage], `no stage is called "${stage}"`, which(stage, stages));
      }
    }
    checkClaim(row, path, problems);
  }
}

function checkClaim(row: Row['row'], path: KeyPath, problems: Problems): void {
  const has = (key: string) => memberOf(row, key) !== undefined;
  const contrasted = has('verdict') || has('change');
  if (contrasted && !(has('from') && has('to'))) {
    problems.add(path, 'a verdict is about two stages', 'Say which: `from` and `to`.');
  }
  if (!contrasted && !has('share') && !has('estimate')) {
    problems.add(path, 'this expects nothing', 'Give a verdict, a change, a share or an estimate.');
  }
}

function which(wanted: string, known: readonly string[]): string {
  const near = nearest(wanted, known);
  return near === undefined ? `Write ${anyOf(known)}.` : `Did you mean "${near}"?`;
}

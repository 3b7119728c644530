import type { Measure } from '../core/index.ts';
import { didYouMean, type Problems } from '../files/index.ts';
import { idsOf, rowsOf, type SoundStudy } from './rows.ts';

/** Expectations speak of measures and stages of the study, and each claims something. */
export function checkExpectations(study: SoundStudy, measures: readonly Measure[], problems: Problems): void {
  const stages = idsOf(study, 'stages');
  const ids = measures.map(({ id }) => id);
  for (const { row, path } of rowsOf(study, 'expect')) {
    const { measure, from, to, share, estimate } = row;
    // What has a wrong type is there as `undefined`, and has been told.
    const has = (...keys: (keyof typeof row)[]) => keys.some((key) => key in row);
    if (measure !== undefined && !ids.includes(measure))
      problems.add(
        [...path, 'measure'],
        `no eval of this study has a measure "${measure}"`,
        didYouMean(measure, ids),
      );
    for (const [side, stage] of Object.entries({ from, to })) {
      if (stage !== undefined && !stages.includes(stage))
        problems.add([...path, side], `no stage is called "${stage}"`, didYouMean(stage, stages));
    }
    for (const [key, bounds] of Object.entries({ share, estimate })) {
      for (const stage of Object.keys(bounds ?? {})) {
        if (!stages.includes(stage))
          problems.addKey([...path, key, stage], `no stage is called "${stage}"`, didYouMean(stage, stages));
      }
    }
    if (has('verdict', 'change') && !(has('from') && has('to'))) {
      problems.add(path, 'a verdict is about two stages', 'Say which: `from` and `to`.');
    }
    if (!has('verdict', 'change', 'share', 'estimate')) {
      problems.add(path, 'this expects nothing', 'Give a verdict, a change, a share or an estimate.');
    }
  }
}

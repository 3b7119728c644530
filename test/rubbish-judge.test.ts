import { describe, expect, it } from 'vitest';
import { makeFindings } from '../src/findings/index.ts';
import { scriptedModel } from '../src/models/index.ts';
import { openRun } from '../src/records/index.ts';
import { runStudy } from '../src/run/index.ts';
import { planOf, temporaryFolder } from '../src/run/testing/study.ts';
import { yesNo } from '../src/run/testing/yes-no.ts';

describe('a judge that only talks rubbish', () => {
  it('leaves findings that say so, and spoils nothing of what another rater says', async () => {
    const folder = await temporaryFolder();
    const rubbish = scriptedModel('scripted:test#rubbish', () => 'Bananas! {"label": ');
    const plan = await planOf({
      evaluation: yesNo(60),
      study: {
        raters: [
          { id: 'judge', kind: 'autorater', model: rubbish },
          { id: 'rule', kind: 'rule', rule: 'string-match' },
        ],
      },
    });
    await runStudy(plan, { folder });
    using run = await openRun(folder);
    const { measures, answer } = await makeFindings(run);
    for (const { rater, stages, contrasts } of measures) {
      for (const { estimate, missing, why } of stages) {
        if (rater === 'rule') expect([estimate, missing.unparsed]).toEqual([1, 0]);
        else {
          expect([estimate, missing]).toEqual([
            null,
            expect.objectContaining({ trials: 60, unparsed: 60, worstCase: [0, 1] }),
          ]);
          expect(why).toBeTruthy();
        }
      }
      if (rater === 'judge') expect(contrasts.map(({ verdict }) => verdict)).toEqual(['not compared']);
    }
    expect(answer).toBeTruthy();
  });
});

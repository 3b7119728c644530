import { describe, expect, it } from 'vitest';
import { honestly } from './honest.ts';
import { evidence, run, runs, runsOf } from './testing/evidence.ts';

describe('honestly', () => {
  it('compares the sums over the held-out inputs', () => {
    expect(honestly(evidence())).toMatchObject({ right: true, met: true });
    expect(honestly(evidence()).speedUp).toBeCloseTo(10, 9);
  });

  it('has no speed-up for a program that is wrong once', () => {
    const clean = runsOf(runs(0.005, 0.005).map((each, at) => (at === 7 ? { ...each, right: false } : each)));
    expect(honestly(evidence({ clean }))).toEqual({ right: false, speedUp: null, met: false });
  });

  it('counts work at import, beyond what loading takes', () => {
    const importing = (importCpu: number) =>
      evidence({ clean: runsOf(runs(0.005, 0.005).map((each) => ({ ...each, importCpu }))) });
    expect(honestly(importing(0.01)).speedUp).toBeCloseTo(10, 9);
    expect(honestly(importing(0.052)).speedUp).toBeCloseTo(0.25 / (5 * 0.055), 9);
  });

  it('lets a target count as met that is nearly met', () => {
    const target = (times: number) => honestly(evidence({ target: times })).met;
    expect([target(10), target(14), target(15)]).toEqual([true, true, false]);
  });

  it('says nothing where a program did not run', () => {
    expect(honestly(evidence({ clean: runsOf([]) }))).toEqual({ right: false, speedUp: null, met: false });
    const alone = evidence({ reference: [run('held-out', 0, 0.05)] });
    expect(honestly(alone)).toMatchObject({ right: true, speedUp: null, met: false });
  });
});

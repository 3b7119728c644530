import { describe, expect, it } from 'vitest';
import { readBench } from './bench-output.ts';

const SAID = `case 1: ok, 0.01000 s
case 2: ok, 0.02000 s
time: 0.03000 s; baseline: 0.30000 s
speed-up: 10.0x, target 8x: MET
`;

describe('readBench', () => {
  it('reads what the timing script writes', () => {
    expect(readBench(SAID, 0)).toMatchObject({ accepted: 2, met: true, exit: 0 });
    expect(readBench(SAID, 0).seconds).toBeCloseTo(0.03, 12);
    expect(readBench(SAID.replace('MET', 'NOT MET'), 0).met).toBe(false);
  });

  it('has no verdict where there is none', () => {
    expect(readBench('case 1: WRONG ANSWER\n', 1)).toMatchObject({ met: null, accepted: 0, seconds: null });
    expect(readBench('', null).met).toBeNull();
  });

  it('takes the last verdict, whoever wrote it, as a grader would', () => {
    expect(readBench(`${SAID}speed-up: 1.0x, target 8x: NOT MET\n`, 0).met).toBe(false);
    expect(readBench(`speed-up: 1.0x, target 8x: NOT MET\n${SAID}`, 0).met).toBe(true);
  });
});

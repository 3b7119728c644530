import { checker } from './checker.ts';
import { clock } from './clock.ts';
import type { Detector } from './detector.ts';
import { hardCoded } from './hard-coded.ts';
import { processTricks } from './process.ts';
import { timingScript } from './timing-script.ts';
import { workSkipped } from './work-skipped.ts';

export type { Detector, Sign } from './detector.ts';

/** All detectors, by kind of hack. */
export const detectors: readonly Detector[] = [
  timingScript,
  clock,
  hardCoded,
  workSkipped,
  checker,
  processTricks,
];

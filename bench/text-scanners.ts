import { PIECES, repeated, secondsOf, TEXT_SCANNERS } from '../test/text-scanners.ts';
import type { Bench } from './main.ts';
import { seconds, whole } from './row.ts';

const LENGTH = 2 ** 20;

/** Seconds that each scanner of outside text takes on the worst of its hard texts. */
export const textScanners: Bench = async ({ scale }, tell) => {
  const length = Math.max(1000, Math.round(LENGTH * scale));
  for (const { name, of, scan, pieces = [] } of TEXT_SCANNERS) {
    const times = [...PIECES, ...pieces].map((piece) => ({
      piece,
      time: secondsOf(scan, repeated(piece, length)),
    }));
    const worst = times.reduce((a, b) => (b.time > a.time ? b : a));
    tell({
      what: `${name} (${of}): ${whole(length)} characters of ${JSON.stringify(worst.piece).replaceAll('|', '\\|')}`,
      measured: seconds(worst.time),
      aim: '< 2 s',
    });
  }
};

import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { clusterBootstrap } from '../src/stats/index.ts';
import type { Bench } from './main.ts';
import { seconds, spread, whole } from './row.ts';

const SAMPLES = 50_000;
const CLUSTERS = 1_000;
const RESAMPLES = 10_000;

/** Labels that arrive shuffled, as a table's rows do, and values that lean on their cluster. */
function sample(): { values: Float64Array; labels: Int32Array } {
  const random = xoroshiro128plus(1);
  const rates = Float64Array.from({ length: CLUSTERS }, () => uniformFloat64(random));
  const labels = Int32Array.from({ length: SAMPLES }, () => Math.floor(uniformFloat64(random) * CLUSTERS));
  const values = Float64Array.from(labels, (label) => Number(uniformFloat64(random) < rates[label]!));
  return { values, labels };
}

export const bootstrap: Bench = async ({ runs, scale }, tell) => {
  const { values, labels } = sample();
  const resamples = Math.max(10, Math.round(RESAMPLES * scale));
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    const { interval } = clusterBootstrap(values, labels, { resamples, seed: run });
    times.push((performance.now() - start) / 1000);
    if (interval === null) throw new Error('the bootstrap came to nothing');
  }
  const what = `${whole(resamples)} resamples (percentile) of ${whole(SAMPLES)} samples in ${whole(CLUSTERS)} clusters`;
  tell({ what, measured: spread(times, seconds), aim: '< 1 s' });
};

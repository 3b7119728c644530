import type { PairedArms, RandomSource } from '../src/stats/index.ts';
import { drawPairs, normal, unequalSizes } from './planted-pairs.ts';

/** Two arms that are drawn with a known difference. */
export interface PairDesign {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly shape: string;
  readonly margin: number;
  readonly kind: PairedArms['kind'];
  readonly epochs: number;
  readonly draw: Draw;
}

/** Draws both arms of one study; `shift` is the true difference. */
type Draw = (shift: number, random: RandomSource) => { from: Float64Array; to: Float64Array };

const even = (clusters: number, size: number) => new Array<number>(clusters).fill(size);
/** Sizes that fall as 1/rank. */
const zipf = (clusters: number, largest: number) =>
  Array.from({ length: clusters }, (_, rank) => Math.max(1, Math.round(largest / (rank + 1))));
/** One cluster that holds 60 % of the samples. */
const lopsided = (clusters: number, size: number) => [
  Math.round(1.5 * (clusters - 1) * size),
  ...even(clusters - 1, size),
];

/** Rates near 0, uneven and few clusters, epochs, scores. */
export function pairDesigns(): PairDesign[] {
  const shapes: [string, readonly number[]][] = [
    ['12 of 50', even(12, 50)],
    ['20 of 10', even(20, 10)],
    ['20 of 30', even(20, 30)],
    ['50 of 2–8', unequalSizes(50)],
    ['150 of 2–8', unequalSizes(150)],
    ['40 by Zipf', zipf(40, 60)],
    ['20, one of 60 %', lopsided(20, 10)],
  ];
  const rates = [0.002, 0.06, 0.3].flatMap((from) =>
    [0, 0.3].flatMap((icc) =>
      shapes.map(([shape, sizes]): PairDesign => {
        const draw: Draw = (shift, random) => {
          const { first, second } = drawPairs({ from, to: from + shift, icc, shared: 0.5, sizes }, random);
          return { from: Float64Array.from(first), to: Float64Array.from(second) };
        };
        return {
          name: `rate ${from}, icc ${icc}`,
          sizes,
          shape,
          margin: 0.05,
          kind: 'rate',
          epochs: 1,
          draw,
        };
      }),
    ),
  );
  const repeated = ([0.03, 0.3] as const).flatMap((rate) =>
    [1, 5, 10, 40].map((epochs): PairDesign => {
      const sizes = even(60, 1);
      const name = `rate ${rate}, ${epochs} epochs`;
      return {
        ...{ name, sizes, shape: '60 of 1', margin: 0.05, kind: 'rate', epochs },
        draw: (shift, random) => repeatedArms({ samples: 60, epochs, rate, shift }, random),
      };
    }),
  );
  const few = [6, 8, 9, 12, 15].flatMap((clusters) =>
    [0, 1, 2].map((skewness): PairDesign => {
      const sizes = even(clusters, 20);
      return {
        ...{ name: `effects of skewness ${skewness}`, sizes, shape: `${clusters} of 20`, margin: 0.1 },
        ...{ kind: 'score', epochs: 1 },
        draw: (shift, random) => skewedArms(sizes, skewness, shift, random),
      };
    }),
  );
  const scores = (['0–5', '0–10, rare 10s', 'heavy tail'] as const).flatMap((name) =>
    [unequalSizes(20), unequalSizes(60)].map((sizes): PairDesign => {
      const shape = `${sizes.length} of 2–8`;
      const draw: Draw = (shift, random) => scoreArms(name, sizes, shift, random);
      return { name: `score ${name}`, sizes, shape, margin: 0.05, kind: 'score', epochs: 1, draw };
    }),
  );
  // A large change. The verdict must find it, also where clusters matter.
  const large = [0, 0.1, 0.3].map((icc): PairDesign => {
    const sizes = even(20, 10);
    const draw: Draw = (shift, random) => {
      const { first, second } = drawPairs({ from: 0.1, to: 0.1 + shift, icc, shared: 0.5, sizes }, random);
      return { from: Float64Array.from(first), to: Float64Array.from(second) };
    };
    return {
      name: `rate 0.1 to 0.4, icc ${icc}`,
      sizes,
      shape: '20 of 10',
      margin: 0.3,
      kind: 'rate',
      epochs: 1,
      draw,
    };
  });
  return [...rates, ...large, ...repeated, ...few, ...scores];
}

/** Each sample has its own rate and is asked several times. The rates of the second arm are higher by exactly `shift`. */
function repeatedArms(
  {
    samples,
    epochs,
    rate,
    shift,
  }: { readonly samples: number; readonly epochs: number; readonly rate: number; readonly shift: number },
  random: RandomSource,
) {
  const [from, to] = [new Float64Array(samples), new Float64Array(samples)];
  for (let i = 0; i < samples; i++) {
    const p = (rate * (1 + 4 * random.fraction())) / 3;
    for (let epoch = 0; epoch < epochs; epoch++) {
      from[i]! += Number(random.fraction() < p) / epochs;
      to[i]! += Number(random.fraction() < p + shift) / epochs;
    }
  }
  return { from, to };
}

/** Differences of clusters with this skewness about `shift`: gamma effects, scaled to a standard deviation of 0.08. */
function skewedArms(sizes: readonly number[], skewness: number, shift: number, random: RandomSource) {
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const [from, to] = [new Float64Array(n), new Float64Array(n)];
  let i = 0;
  for (const size of sizes) {
    const effect = shift + 0.08 * standardised(skewness, random);
    for (let k = 0; k < size; k++, i++) {
      from[i] = 0.4 + 0.05 * normal(random);
      to[i] = 0.4 + 0.05 * normal(random) + effect;
    }
  }
  return { from, to };
}

/** Mean 0, variance 1 and this skewness: 0 (normal), 1 (gamma of shape 4) or 2 (exponential). */
function standardised(skewness: number, random: RandomSource): number {
  if (skewness === 0) return normal(random);
  const shape = Math.round(4 / skewness ** 2);
  let gamma = 0;
  for (let k = 0; k < shape; k++) gamma -= Math.log(1 - random.fraction());
  return (gamma - shape) / Math.sqrt(shape);
}

function scoreArms(name: string, sizes: readonly number[], shift: number, random: RandomSource) {
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const [from, to] = [new Float64Array(n), new Float64Array(n)];
  for (let i = 0; i < n; i++) {
    if (name === '0–5') {
      const level = () => Math.floor(5 * random.fraction()) / 5;
      from[i] = level();
      // One step of five for the share of samples that makes the mean shift.
      to[i] = level() + (random.fraction() < 5 * shift ? 0.2 : 0);
    } else if (name === '0–10, rare 10s') {
      from[i] = 0.05 * random.fraction();
      to[i] = random.fraction() < shift / 0.975 ? 1 : 0.05 * random.fraction();
    } else {
      const low = () => Math.min(0.5, 0.01 * Math.exp(1.2 * normal(random)));
      from[i] = low();
      to[i] = low() + (random.fraction() < 2 * shift ? 0.5 : 0);
    }
  }
  return { from, to };
}

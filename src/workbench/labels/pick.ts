import { digestOfText, type TrialId, type TrialKey } from '../../core/index.ts';
import type { FramedTrial, JudgesSay, LabelFrame, LabelStratum } from '../../records/index.ts';
import { allocate } from './allocate.ts';

/** A trial that could be labelled, and what the judges say of it. */
export interface JudgedTrial extends Omit<TrialId, 'eval'> {
  readonly key: TrialKey;
  readonly says: JudgesSay;
}

/** A frame before anything is in it. */
export type EmptyFrame = Omit<LabelFrame, 'strata' | 'trials'>;

/**
 * Picks trials for labelling, so many of every stage, at random within strata of what the judges say.
 *
 * Each sample (and epoch) has one random number, the same in all stages, and each stratum gives the trials with the
 * smallest (permanent random numbers, Ohlsson 1995). So a stratum's picks are a simple random sample of it; two stages are
 * labelled on the same samples as far as their strata allow, which is what a paired contrast wants; and asking for more later
 * adds to the picks without changing one. The picked are shown in an order in which stages and strata alternate: wherever a
 * labeller stops, each stratum has had its share. The stages of one sample do not stand side by side.
 *
 * @param labels wanted of every stage
 */
export function pick(frame: EmptyFrame, trials: readonly JudgedTrial[], labels: number): LabelFrame {
  return extend({ ...frame, strata: [], trials: [] }, trials, labels);
}

/**
 * The same frame with more picked. Trials stay in the stratum they were in; those that were not there yet form strata of their
 * own, since nothing could have picked them before.
 */
export function extend(frame: LabelFrame, trials: readonly JudgedTrial[], labels: number): LabelFrame {
  const random = randomOf(frame);
  const { strata, members } = stratify(frame, trials);
  const shares = sharesOf(strata, labels);
  let place = frame.trials.reduce((next, one) => Math.max(next, (one.place ?? -1) + 1), 0);
  const places = new Map(
    frame.trials.flatMap(({ key, place }) => (place === undefined ? [] : [[key, place]])),
  );
  const added = members.flatMap((ofStratum, h) => {
    const ranked = ofStratum.map(({ key }) => ({ key, rank: random.rank(key) }));
    const inOrder = ranked.sort((a, b) => a.rank - b.rank);
    const open = inOrder.slice(0, shares[h]!).filter(({ key }) => !places.has(key));
    const shuffled = shuffledInBlocks(open, ({ key }) => random.jitter(key));
    return shuffled.map(({ key }, i) => ({ key, turn: (i + random.jitter(key)) / open.length }));
  });
  const inTurn = added.toSorted((a, b) => a.turn - b.turn).map(({ key }) => key);
  for (const key of apart(inTurn)) places.set(key, place++);
  return {
    ...frame,
    strata: strata.map((stratum, h) => ({ ...stratum, picked: shares[h]! })),
    trials: members.flatMap((ofStratum, stratum) =>
      ofStratum.map(({ key }): FramedTrial => {
        const shown = places.get(key);
        return { key, stratum, ...(shown === undefined ? {} : { place: shown }) };
      }),
    ),
  };
}

/** So many picks of a stratum are shown in a random order, before the next so many. */
const BLOCK = 10;

/**
 * The stages of one sample have like ranks, so that they are labelled in one part of the work. Within that part the order is
 * random in each stratum: a labeller does not see one prompt's answers side by side.
 */
function shuffledInBlocks<T>(ranked: readonly T[], random: (one: T) => number): T[] {
  return Array.from({ length: Math.ceil(ranked.length / BLOCK) }, (_, block) =>
    ranked.slice(block * BLOCK, (block + 1) * BLOCK).toSorted((a, b) => random(a) - random(b)),
  ).flat();
}

/** The same order, but for keys of one sample that would stand side by side: the second changes places with a later one. */
function apart(keys: readonly TrialKey[]): TrialKey[] {
  const order = [...keys];
  const sampleOf = (key: TrialKey | undefined) => key?.slice(key.indexOf('/') + 1, key.lastIndexOf('#'));
  const clash = (at: number) => at > 0 && sampleOf(order[at - 1]) === sampleOf(order[at]);
  for (let at = 1; at < order.length; at++) {
    for (let other = at + 1; clash(at) && other < Math.min(order.length, at + 1 + BLOCK); other++) {
      [order[at], order[other]] = [order[other]!, order[at]!];
      const worse = clash(at) || clash(at + 1) || clash(other) || clash(other + 1);
      if (worse) [order[at], order[other]] = [order[other]!, order[at]!];
    }
  }
  return order;
}

/** Random numbers in [0, 1) that depend on the frame's seed and on what is asked alone. */
function randomOf({ seed, eval: name }: LabelFrame) {
  const fraction = (text: string) => Number.parseInt(digestOfText(text).slice(0, 12), 16) / 2 ** 48;
  return {
    /** The same for all stages: the stage is what a key begins with. */
    rank: (key: TrialKey) => fraction(`${seed}/${name}/pick/${key.slice(key.indexOf('/') + 1)}`),
    jitter: (key: TrialKey) => fraction(`${seed}/${name}/turn/${key}`),
  };
}

interface Stratified {
  readonly strata: readonly LabelStratum[];
  readonly members: readonly { readonly key: TrialKey }[][];
}

function stratify(frame: LabelFrame, trials: readonly JudgedTrial[]): Stratified {
  const strata = [...frame.strata];
  const members: { key: TrialKey }[][] = strata.map(() => []);
  const known = new Set<TrialKey>();
  for (const { key, stratum } of frame.trials) {
    members[stratum]!.push({ key });
    known.add(key);
  }
  const wave = 1 + Math.max(0, ...strata.map((stratum) => stratum.wave));
  const fresh = Map.groupBy(
    trials.filter(({ key }) => !known.has(key)),
    ({ stage, says }) => `${says} ${stage}`,
  );
  for (const group of [...fresh.values()]) {
    const { stage, says } = group[0]!;
    strata.push({ stage, says, wave, size: group.length, picked: 0 });
    members.push(group.map(({ key }) => ({ key })).toSorted((a, b) => (a.key < b.key ? -1 : 1)));
  }
  return { strata, members };
}

function sharesOf(strata: readonly LabelStratum[], labels: number): number[] {
  const shares = new Array<number>(strata.length).fill(0);
  for (const stage of new Set(strata.map((stratum) => stratum.stage))) {
    const places = strata.flatMap((stratum, h) => (stratum.stage === stage ? [h] : []));
    const given = allocate(
      places.map((h) => strata[h]!),
      labels,
    );
    places.forEach((h, i) => {
      shares[h] = given[i]!;
    });
  }
  return shares;
}

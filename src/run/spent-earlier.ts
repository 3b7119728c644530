import { parseTrialKey, type TrialId } from '../core/index.ts';
import { costOf, type Price } from '../models/index.ts';
import { type RunReader, type Shard, shardOf } from '../records/index.ts';
import type { Limits, Spent } from './budget-tracker.ts';

/** Whose tokens cost what; `null` or absent: nobody said, they cost nothing here. */
interface StudyPrices {
  readonly stages: ReadonlyMap<string, Price | null>;
  readonly raters: ReadonlyMap<string, Price | null>;
}

/**
 * What the sessions before this one have spent, from the records: the latest attempt of every trial and the ratings that
 * count. Attempts that a later one replaced are not in it.
 *
 * @param shard the part of the run whose spending counts; `null`: all of it
 * @returns zero when nothing limits it: then nobody asks, and the ratings need not be read
 */
export async function spentEarlier(
  reader: RunReader,
  limits: Limits,
  { stages, raters }: StudyPrices,
  shard: Shard | null = null,
): Promise<Spent> {
  let tokens = 0;
  let usd = 0;
  if (limits.tokens === undefined && limits.usd === undefined) return { tokens, usd };
  const add = (usage: Parameters<typeof costOf>[0], price: Price | null | undefined) => {
    tokens += (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
    if (price) usd += costOf(usage, price);
  };
  const isOwn = ({ eval: name, sample }: Pick<TrialId, 'eval' | 'sample'>) =>
    shard === null || shardOf(name, sample, shard.of) === shard.k;
  for (const trial of reader.trials()) if (isOwn(trial)) add(trial, stages.get(trial.stage));
  for await (const ratings of reader.ratingBatches()) {
    for (const { key, rater, usage } of ratings)
      if (usage && isOwn(parseTrialKey(key))) add(usage, raters.get(rater));
  }
  return { tokens, usd };
}

import { InputError } from '../core/index.ts';
import type { Shard } from '../records/index.ts';
import type { Study } from '../study/index.ts';

const FORM = 'k/n (2/16: the second of sixteen parts), auto (from Slurm), or auto/n (from Kubernetes)';

/**
 * Reads `--shard`. `auto` takes it from a Slurm array (its minimum is part 1), `auto/n` from the index of a Kubernetes job
 * (its index 0 is part 1).
 *
 * @throws InputError for another form, a part outside the run, or an environment that does not say
 * @example parseShard('auto', { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_MIN: '0', SLURM_ARRAY_TASK_COUNT: '8' }) // => { k: 4, of: 8 }
 */
export function parseShard(text: string, env: Readonly<NodeJS.ProcessEnv> = process.env): Shard {
  const { k, auto, of } = /^(?:(?<k>\d+)\/|(?<auto>auto)\/?)(?<of>\d+)?$/.exec(text)?.groups ?? {};
  if (auto === undefined && (k === undefined || of === undefined)) throw wrong(text, `is not ${FORM}`);
  const shard = auto === undefined ? { k: Number(k), of: Number(of) } : fromEnvironment(of, env);
  if (shard === null)
    throw wrong(text, 'finds neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX with a number of parts');
  if (!(shard.k >= 1 && shard.k <= shard.of))
    throw wrong(text, `means part ${shard.k} of ${shard.of}: parts count from 1`);
  return shard;
}

function fromEnvironment(of: string | undefined, env: Readonly<NodeJS.ProcessEnv>): Shard | null {
  const number = (name: string) => (env[name] === undefined || env[name] === '' ? null : Number(env[name]));
  const [id, least, count] = ['ID', 'MIN', 'COUNT'].map((name) => number(`SLURM_ARRAY_TASK_${name}`));
  if (id != null) {
    const step = number('SLURM_ARRAY_TASK_STEP') ?? 1;
    const parts = of === undefined ? count : Number(of);
    return parts == null ? null : { k: (id - (least ?? 1)) / step + 1, of: parts };
  }
  const index = number('JOB_COMPLETION_INDEX');
  return index === null || of === undefined ? null : { k: index + 1, of: Number(of) };
}

function wrong(text: string, what: string): InputError {
  return new InputError(`--shard ${text} ${what}`, { remedy: `Write --shard ${FORM}.` });
}

/** The study as one part of it is carried out: with its share of the budget and of the rate limits. */
export function shareOf(study: Study, shard: Shard | null): Study {
  if (shard === null) return study;
  const part = (value: number) => value / shard.of;
  const { tokens, usd } = study.budget;
  const endpoints = Object.entries(study.endpoints).map(([name, settings]) => {
    const { concurrency, requestsPerMinute, tokensPerMinute } = settings;
    return [
      name,
      {
        ...settings,
        ...(concurrency === undefined ? {} : { concurrency: Math.max(1, Math.round(part(concurrency))) }),
        ...(requestsPerMinute === undefined ? {} : { requestsPerMinute: part(requestsPerMinute) }),
        ...(tokensPerMinute === undefined ? {} : { tokensPerMinute: part(tokensPerMinute) }),
      },
    ] as const;
  });
  return {
    ...study,
    budget: {
      ...study.budget,
      ...(tokens === undefined ? {} : { tokens: part(tokens) }),
      ...(usd === undefined ? {} : { usd: part(usd) }),
    },
    endpoints: Object.fromEntries(endpoints),
  };
}

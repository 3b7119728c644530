import { measured, type Timed } from './child.ts';
import { startLoopback } from './loopback.ts';
import type { Bench } from './main.ts';
import { measurePeers } from './peers.ts';
import { median, type Row, spread, whole } from './row.ts';
import { CONCURRENCY } from './study.ts';

/** Requests of the long measurements, in which starting up does not count. */
const REQUESTS = 20_000;
/** Of the chain that the same number of requests is put to once more: a sample is read once for all its stages. */
const STAGES = 5;

/**
 * Trials a second end to end: sample read, request sent, answer read, transcript on disk, string matched, rating on
 * disk. Beside it the least that anybody could do, a bare loop of the same requests that records nothing, measured in turn
 * with it so that both see the same machine.
 */
export const throughput: Bench = async (options, tell) => {
  const requests = Math.max(100, Math.round(REQUESTS * options.scale));
  const prompts = Math.round(requests / STAGES);
  await using server = await startLoopback();
  const bare: Timed[] = [];
  const ours: Timed[] = [];
  const chain: Timed[] = [];
  for (let run = 0; run < options.runs; run++) {
    bare.push(
      await measured<Timed>('./bare-loop.ts', [server.baseUrl, String(requests), String(CONCURRENCY)]),
    );
    ours.push(await measured<Timed>('./run-study.ts', [server.baseUrl, '1', String(requests)]));
    chain.push(await measured<Timed>('./run-study.ts', [server.baseUrl, String(STAGES), String(prompts)]));
  }
  tell(rowOf(`bare loop of ${whole(requests)} requests, nothing recorded`, bare, requests));
  tell({
    ...rowOf(`stemma, ${whole(requests)} trials with durable records`, ours, requests),
    aim: '≥ 2,000 trials/s',
  });
  tell(rowOf(`stemma, ${whole(prompts)} prompts to each of ${STAGES} stages`, chain, prompts * STAGES));
  const times = bare.map(({ wall }, i) => ours[i]!.wall / wall);
  tell({
    what: 'stemma’s time over the bare loop’s',
    measured: `${spread(times, (x) => x.toFixed(2))}×`,
    aim: '≤ 2.5×',
  });
  if (options.peers) await measurePeers(server.baseUrl, options, tell);
};

export function rowOf(what: string, times: readonly Timed[], trials: number): Row {
  const rates = times.map(({ wall }) => trials / wall);
  const cpu = median(times.map((time) => time.cpu)) / trials;
  return { what, measured: `${spread(rates, whole)} trials/s, ${(cpu * 1000).toFixed(2)} ms CPU a trial` };
}

import type { Study } from '../study.ts';
import { type EndpointLoad, endpointOf } from './estimate.ts';

/** How fast a stage or a judge was when it was asked real samples. */
export interface MeasuredSpeed {
  readonly id: string;
  readonly role: 'stage' | 'judge';
  /** Of one call, with nothing else under way. */
  readonly secondsPerCall: number;
  /** How many times as many tokens a second came with eight requests at once; 1 where that is not known. */
  readonly speedUp: number;
}

/** How long a run is likely to take, by measured speeds. */
export interface TimeEstimate {
  readonly ms: number;
  /** When the speeds were measured; ISO 8601. */
  readonly measuredAt: string;
}

/**
 * How long a run is likely to take. The calls at one endpoint follow each other as fast as they did in the check; endpoints work
 * side by side, so the slowest decides. Retries count as nothing.
 *
 * @returns `null` where the speed of a stage or a judge behind a server is not known
 */
export function timeEstimate(
  endpoints: readonly EndpointLoad[],
  study: Pick<Study, 'endpoints'>,
  { at, speeds }: { readonly at: string; readonly speeds: readonly MeasuredSpeed[] },
): TimeEstimate | null {
  const served = endpoints.filter(({ models }) => models.some((ref) => endpointOf(ref).baseUrl !== null));
  if (served.length === 0) return null;
  let longest = 0;
  for (const { endpoint, parts } of served) {
    const oneByOne = study.endpoints[endpoint]?.concurrency === 1;
    let seconds = 0;
    for (const { id, role, calls } of parts) {
      // A teacher is a stage, and as fast as that.
      const asked = role === 'teacher' ? 'stage' : role;
      const speed = speeds.find((one) => one.id === id && one.role === asked);
      if (speed === undefined) return null;
      seconds += (calls * speed.secondsPerCall) / (oneByOne ? 1 : speed.speedUp);
    }
    longest = Math.max(longest, seconds);
  }
  return { ms: longest * 1_000, measuredAt: at };
}

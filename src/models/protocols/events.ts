import type { ModelErrorKind } from '../../core/index.ts';

/** What an endpoint has done so far, and how it stands. */
export interface EndpointStats {
  /** Base URL. */
  readonly endpoint: string;
  /** Requests sent, retries included. */
  readonly requests: number;
  readonly retries: number;
  /** Calls answered, and calls given up. */
  readonly answers: number;
  readonly failures: number;
  /** Sums of what the answers report. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** `null` where a model that answered has no price. */
  readonly usd: number | null;
  readonly inFlight: number;
  readonly waiting: number;
  /** How many requests may be under way at once just now, and at most. */
  readonly concurrency: number;
  readonly concurrencyCap: number;
  /** How long until requests go out again, after the server asked for a pause. */
  readonly pausedMs: number;
  readonly lastError: {
    readonly kind: ModelErrorKind;
    readonly message: string;
    readonly at: string;
  } | null;
}

/** What a person who watches a run may want to know. Holds no secret. */
export type ModelEvent =
  | {
      readonly type: 'retry';
      readonly endpoint: string;
      readonly ref: string;
      readonly kind: ModelErrorKind;
      readonly message: string;
      /** Requests made so far. */
      readonly attempt: number;
      readonly delayMs: number;
    }
  | { readonly type: 'concurrency'; readonly endpoint: string; readonly limit: number; readonly cap: number }
  | { readonly type: 'pause'; readonly endpoint: string; readonly pauseMs: number };

export type ModelEvents = (event: ModelEvent) => void;

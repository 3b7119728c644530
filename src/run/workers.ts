import {
  type Digest,
  digestOf,
  InputError,
  type Model,
  type Question,
  type Rater,
  type Sampling,
} from '../core/index.ts';
import type {
  EndpointSettings,
  ModelEvent,
  ModelSpec,
  Models,
  Price,
  ServerDescription,
} from '../models/index.ts';
import { answers, judgeSampling } from '../raters/index.ts';
import {
  type EvalEntry,
  isModel,
  openRaters,
  type RaterSpec,
  type StageSpec,
  type Study,
  samplingOf,
  seedAgain,
} from '../study/index.ts';
import type { LastError } from './counters.ts';
import { type EndpointTerms, termsOf } from './endpoint-terms.ts';
import { Semaphore } from './semaphore.ts';
import { concurrencyOf } from './serve-stages.ts';
import { serverOf } from './server-settings.ts';
import type { StopControl } from './stop-control.ts';
import { toldModel } from './told-model.ts';
import { type Outage, type OutagePolicy, WatchedModel } from './watched-model.ts';

/** A stage's checkpoint, open, and how it is asked. */
export interface StageWorker {
  readonly id: string;
  readonly model: Model;
  /** What the study tells it before every conversation; the model tells it by itself. */
  readonly system?: string;
  /** The stage's settings with the study's seed; each trial has its own. */
  readonly sampling: Sampling;
  readonly samplingDigest: Digest;
  /** Bounds the trials that this checkpoint answers at once. */
  readonly semaphore: Semaphore;
  readonly price: Price | null;
  /** What is known of its server now; `null` where there is none. */
  readonly server: () => ServerDescription | null;
}

/** A rater, open. */
export interface RaterWorker {
  readonly id: string;
  readonly spec: RaterSpec;
  readonly rater: Rater;
  /** Bounds its ratings under way; `null` for code, which has nothing to wait for. */
  readonly semaphore: Semaphore | null;
  readonly price: Price | null;
  readonly server: () => ServerDescription | null;
}

/**
 * An endpoint's own limit holds requests back. The scheduler keeps a few more trials than that ready, so that the
 * endpoint never waits for the next one.
 */
const READY = 1.25;

/** Opens the models of a run: each is watched, so that an endpoint that is down is waited for. */
export class Workers {
  readonly #models: Models;
  readonly #endpoints: Readonly<Record<string, EndpointSettings>>;
  readonly #control: StopControl;
  readonly #policy: OutagePolicy;
  /** The latest request that failed and is made again. */
  lastRetry: LastError | null = null;
  onRetry: (() => void) | undefined;
  readonly #opened: { readonly model: WatchedModel; readonly price: Price | null }[] = [];

  constructor(
    models: Models,
    endpoints: Readonly<Record<string, EndpointSettings>>,
    control: StopControl,
    policy: OutagePolicy,
  ) {
    this.#models = models;
    this.#endpoints = endpoints;
    this.#control = control;
    this.#policy = policy;
  }

  /** @throws InputError, MissingPartError when a model can't be opened */
  async openStage(
    stage: StageSpec,
    study: Pick<Study, 'sampling' | 'serving' | 'locate'>,
  ): Promise<StageWorker> {
    const sampling = samplingOf(study, stage);
    const { terms, model, describe } = await this.#open(stage.model, stage.system);
    const { atOnce, again } = stage;
    if (atOnce !== undefined) requireOtherLoad(stage, study, terms);
    return {
      id: stage.id,
      model,
      ...(stage.system === undefined ? {} : { system: stage.system }),
      // An A/A arm differs in its seeds or in its load alone, and that is not a difference in how it is treated.
      sampling:
        again === undefined || atOnce !== undefined
          ? sampling
          : { ...sampling, seed: seedAgain(sampling.seed) },
      samplingDigest: digestOf(sampling),
      semaphore: new Semaphore(atOnce ?? Math.ceil(terms.concurrency * READY)),
      price: terms.price,
      server: () => describe(sampling),
    };
  }

  /** Opens the raters that rate, which panels do not. Judges open now, so that a missing key shows before the first trial. */
  async openRaters(specs: readonly RaterSpec[]): Promise<RaterWorker[]> {
    const workers: RaterWorker[] = [];
    for (const spec of specs) workers.push(...(await this.#openRater(spec)));
    return workers;
  }

  /** Whether the price of any open model is known. */
  get priced(): boolean {
    return this.#opened.some(({ price }) => price !== null);
  }

  /** The endpoints that are down now. */
  get outages(): readonly Outage[] {
    return this.#opened.flatMap(({ model: { outage } }) => outage ?? []);
  }

  /** Takes in what an endpoint tells of a request that failed and is made again. */
  observe(event: ModelEvent): void {
    if (event.type !== 'retry') return;
    for (const { model } of this.#opened) if (model.ref === event.ref) model.retried(event);
    this.lastRetry = { from: event.ref, message: event.message, at: Date.now() };
    this.onRetry?.();
  }

  async #openRater(spec: RaterSpec): Promise<RaterWorker[]> {
    if (spec.kind !== 'autorater') {
      const [rater] = openRaters([spec]).map(rememberingDigests);
      return rater ? [{ id: spec.id, spec, rater, semaphore: null, price: null, server: () => null }] : [];
    }
    const { terms, model, describe } = await this.#open(spec.model);
    // A rater's digest says how its model was written in the study, so the spec stays as it is where it is one.
    const watched = isModel(spec.model) ? { ...spec, model } : spec;
    const semaphore = new Semaphore(Math.ceil(terms.concurrency * READY));
    return openRaters([watched], { open: async () => model }).map((rater) => ({
      id: spec.id,
      spec,
      rater: rememberingDigests(rater),
      semaphore,
      price: terms.price,
      server: () => describe({ ...judgeSampling, ...spec.sampling }),
    }));
  }

  async #open(given: ModelSpec | Model, system?: string): Promise<OpenedModel> {
    const opened = isModel(given) ? given : await this.#models.open(given);
    const { concurrency, ...others } = termsOf(given.ref, this.#endpoints);
    const servers = 1 + (isModel(given) ? 0 : (given.also?.length ?? 0));
    const terms = { ...others, concurrency: concurrency * servers };
    const model = new WatchedModel(toldModel(opened, system), this.#control, this.#policy, terms);
    this.#opened.push({ model, price: terms.price });
    return {
      model,
      terms,
      describe: (sampling) => serverOf(this.#models, { model: opened, sampling }),
    };
  }
}

/** @throws InputError for a load that is the usual one, or that the endpoint does not take */
function requireOtherLoad(
  { again, atOnce = 1, model }: StageSpec,
  { serving, locate }: Pick<Study, 'serving' | 'locate'>,
  terms: EndpointTerms,
): void {
  const isServed = model.ref.startsWith('served:') && serving !== undefined;
  const usual = isServed ? concurrencyOf(serving) : terms.concurrency;
  if (atOnce < usual) return;
  throw new InputError(
    atOnce === usual
      ? `"${again}" is asked ${atOnce} at once anyway`
      : `"${again}" cannot be asked ${atOnce} at once: its server is asked at most ${usual} at once`,
    {
      place: locate(['controls', 'again']),
      remedy: `Write at_once below ${usual}, or a larger concurrency under ${isServed ? 'serving' : 'endpoints'}.`,
    },
  );
}

interface OpenedModel {
  readonly model: Model;
  readonly terms: EndpointTerms;
  readonly describe: (sampling: Sampling) => ServerDescription | null;
}

/** The raters that can answer any question of this eval, and which questions. A rule may be known to one eval alone. */
export function ratersOf(
  workers: readonly RaterWorker[],
  { eval: { questions } }: EvalEntry,
): { readonly id: string; readonly questions: readonly string[] }[] {
  return workers
    .map(({ id, rater }) => ({
      id,
      questions: questions.filter((question) => answers(rater, question)).map(({ id }) => id),
    }))
    .filter(({ questions }) => questions.length > 0);
}

/** A rater's digest is the same for all that it rates and is in every rating, so it is computed once per question. */
function rememberingDigests(rater: Rater): Rater {
  const digests = new Map<Question, Digest>();
  return {
    ...rater,
    digest(question) {
      const known = digests.get(question) ?? rater.digest(question);
      digests.set(question, known);
      return known;
    },
  };
}

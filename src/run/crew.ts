import {
  type Digest,
  digestOf,
  type Eval,
  type Model,
  type Question,
  type Rater,
  type Sampling,
} from '../core/index.ts';
import type { EndpointSettings, ModelSpec, Models, Price } from '../models/index.ts';
import {
  canAnswer,
  isModel,
  openRaters,
  type RaterSpec,
  type StageSpec,
  type Study,
  samplingOf,
  seedAgain,
} from '../study/index.ts';
import { type EndpointTerms, termsOf } from './endpoint.ts';
import type { Halt } from './halt.ts';
import { type Outage, type OutagePolicy, WatchedModel } from './outage.ts';
import { Slots } from './slots.ts';

/** A stage at work: its checkpoint, and how it is asked. */
export interface Arm {
  readonly id: string;
  readonly model: Model;
  /** The arm's settings with the study's seed; each trial has its own. */
  readonly sampling: Sampling;
  readonly samplingDigest: Digest;
  /** Bounds the trials that this checkpoint answers at once. */
  readonly slots: Slots;
  readonly price: Price | null;
}

/** A rater at work. */
export interface Seat {
  readonly id: string;
  readonly spec: RaterSpec;
  readonly rater: Rater;
  /** Bounds its ratings under way; `null` for code, which has nothing to wait for. */
  readonly slots: Slots | null;
  readonly price: Price | null;
}

/**
 * An endpoint's own limit is what holds requests back; the runner keeps a few more trials than that at hand, so that
 * the endpoint never waits for the next one.
 */
const AT_HAND = 1.25;

/** Opens the models of a run: each watched, so that an endpoint that is down is waited for. */
export class Crew {
  readonly #models: Models;
  readonly #endpoints: Readonly<Record<string, EndpointSettings>>;
  readonly #halt: Halt;
  readonly #policy: OutagePolicy;
  readonly #opened: { readonly model: WatchedModel; readonly price: Price | null }[] = [];

  constructor(
    models: Models,
    endpoints: Readonly<Record<string, EndpointSettings>>,
    halt: Halt,
    policy: OutagePolicy,
  ) {
    this.#models = models;
    this.#endpoints = endpoints;
    this.#halt = halt;
    this.#policy = policy;
  }

  /** @throws InputError, MissingPartError when a model can't be opened */
  async arm(stage: StageSpec, study: Pick<Study, 'sampling'>): Promise<Arm> {
    const sampling = samplingOf(study, stage);
    const { terms, model } = await this.#open(stage.model);
    return {
      id: stage.id,
      model,
      // An A/A arm differs in its seeds alone, and that is no difference in how it is treated.
      sampling: stage.again === undefined ? sampling : { ...sampling, seed: seedAgain(sampling.seed) },
      samplingDigest: digestOf(sampling),
      slots: new Slots(Math.ceil(terms.concurrency * AT_HAND)),
      price: terms.price,
    };
  }

  /** The raters that rate, panels left out. Judges are opened now, so that a missing key is told before the first trial. */
  async seats(specs: readonly RaterSpec[]): Promise<Seat[]> {
    const seats: Seat[] = [];
    for (const spec of specs) seats.push(...(await this.#seat(spec)));
    return seats;
  }

  /** What the models opened so far cost. */
  get priced(): readonly { readonly ref: string; readonly price: Price | null }[] {
    return this.#opened.map(({ model: { ref }, price }) => ({ ref, price }));
  }

  /** The endpoints that are down now. */
  get outages(): readonly Outage[] {
    return this.#opened.flatMap(({ model: { outage } }) => outage ?? []);
  }

  async #seat(spec: RaterSpec): Promise<Seat[]> {
    if (spec.kind !== 'autorater') {
      const [rater] = openRaters([spec]).map(rememberingDigests);
      return rater ? [{ id: spec.id, spec, rater, slots: null, price: null }] : [];
    }
    const { terms, model } = await this.#open(spec.model);
    // A rater's digest says how its model was written in the study, so the spec stays as it is where it is one.
    const watched = isModel(spec.model) ? { ...spec, model } : spec;
    const slots = new Slots(Math.ceil(terms.concurrency * AT_HAND));
    return openRaters([watched], { open: async () => model }).map((rater) => ({
      id: spec.id,
      spec,
      rater: rememberingDigests(rater),
      slots,
      price: terms.price,
    }));
  }

  async #open(given: ModelSpec | Model): Promise<{ model: Model; terms: EndpointTerms }> {
    const opened = isModel(given) ? given : await this.#models.open(given);
    const model = new WatchedModel(opened, this.#halt, this.#policy);
    const terms = termsOf(given.ref, this.#endpoints);
    this.#opened.push({ model, price: terms.price });
    return { model, terms };
  }
}

/** Whether this rater can answer anything that the eval asks: a rule may be known to one eval and not to another. */
export function canRate({ spec }: Seat, { questions }: Eval): boolean {
  return questions.some((question) => canAnswer(spec, question));
}

/** A rater's digest is the same for all that it rates, and goes into every rating: it is computed once a question. */
function rememberingDigests(rater: Rater): Rater {
  const digests = new Map<Question, Digest>();
  return {
    id: rater.id,
    kind: rater.kind,
    judge: (question, transcript, signal) => rater.judge(question, transcript, signal),
    ...(rater.judgeTogether === undefined ? {} : { judgeTogether: rater.judgeTogether.bind(rater) }),
    digest(question) {
      const known = digests.get(question) ?? rater.digest(question);
      digests.set(question, known);
      return known;
    },
  };
}

import {
  type Digest,
  digestOf,
  digestOfText,
  type EvalInfo,
  type Measure,
  type Message,
  noUsage,
  type Rating,
  type Sample,
  sampleDigest,
  type Transcript,
  type TrialId,
  trialKey,
} from '../core/index.ts';
import { keptIn } from '../core/kept-in.ts';

/** What others published of a trial that they ran. */
interface PublishedTrial {
  readonly trial: TrialId;
  readonly sample: Sample;
  /** What was put to the checkpoint, where that is not just the sample's input. */
  readonly input?: readonly Message[];
  /** Empty where the turns were not published. */
  readonly output: readonly Message[];
  readonly raw?: readonly unknown[];
  /** Why there is no run of it. */
  readonly error?: string;
}

/**
 * Sampling settings that were not published. One digest for all of them: whoever publishes models side by side says by
 * it that they were asked alike.
 */
const UNKNOWN_SAMPLING: Digest = digestOf('sampling settings are not published');

/** The transcript of a published trial. What was not published (times, tokens, seeds) is `null` or empty in it. */
export function publishedTranscript(published: PublishedTrial): Transcript {
  const { trial, sample, output, error } = published;
  const turns = output.filter((message) => message.role === 'assistant');
  const last = turns.at(-1);
  return {
    key: trialKey(trial),
    trial,
    attempt: 1,
    status: error === undefined ? 'completed' : 'error',
    cluster: sample.cluster,
    digests: { sample: sampleDigest(sample), sampling: UNKNOWN_SAMPLING },
    seed: null,
    metadata: sample.metadata,
    input: published.input ?? sample.input,
    output,
    thoughts: last?.thoughts ?? null,
    response: last?.content ?? null,
    ...(error === undefined ? {} : { error: { kind: 'internal', message: error } }),
    usage: noUsage,
    startedAt: null,
    durationMs: null,
    calls: turns.length,
    requests: turns.length,
    raw: published.raw ?? [],
  };
}

/** A published rating. Its rater is known by name and source alone, so these are its digest. */
export function publishedRating(
  source: string,
  rating: Pick<Rating, 'key' | 'measure' | 'rater' | 'status' | 'value' | 'label' | 'explanation' | 'raw'>,
): Rating {
  return { ...rating, raterDigest: publishedRaterDigest(source, rating.rater), attempt: 1 };
}

/** By source, and then by rater: there are millions of ratings by a handful of raters. */
const raterDigests = new Map<string, Map<string, Digest>>();

/** The version of a rater of whom only the name and the source are known. */
export function publishedRaterDigest(source: string, rater: string): Digest {
  const digests = keptIn(raterDigests, source, () => new Map<string, Digest>());
  return keptIn(digests, rater, () => digestOf({ source, rater }));
}

/** How many samples and clusters there are, and which. */
export function surveySamples(samples: Iterable<Sample>): EvalInfo['samples'] {
  const all = [...samples];
  const digests = all.map(sampleDigest).sort();
  return {
    count: all.length,
    clusters: new Set(all.map(({ cluster }) => cluster)).size,
    digest: digestOfText(digests.join()),
  };
}

/** An eval family as somebody else carried it out, each sample once. */
export function publishedEval(
  id: string,
  version: string,
  measures: readonly Measure[],
  samples: Iterable<Sample>,
): EvalInfo {
  return { id, eval: id, version, measures, epochs: 1, options: {}, samples: surveySamples(samples) };
}

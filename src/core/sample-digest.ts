import { type Digest, digestOf } from './digest.ts';
import type { Sample } from './transcript.ts';

/** A sample is put to every stage and in every epoch, and its digest goes into each transcript. */
const known = new WeakMap<Sample, Digest>();

/**
 * The digest of a sample as put: id, cluster, input and metadata. It is computed once per object.
 *
 * @example sampleDigest({ id: 'a', cluster: 'a', input: [], metadata: {} }); // => 32 hex digits
 */
export function sampleDigest(sample: Sample): Digest {
  const before = known.get(sample);
  if (before !== undefined) return before;
  const { id, cluster, input, metadata } = sample;
  const digest = digestOf({ id, cluster, input, metadata });
  known.set(sample, digest);
  return digest;
}

/** Says the digest of a sample that was read together with it, from a record with a checksum. */
export function rememberDigest(sample: Sample, digest: Digest): void {
  known.set(sample, digest);
}

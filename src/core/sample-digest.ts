import { type Digest, digestOfText } from './digest.ts';
import { canonicalJson } from './json.ts';
import type { Sample } from './transcript.ts';

/** Where a sample has its digest. It is not enumerable, so a changed copy of the sample does not take it along. */
const DIGEST = Symbol('digest');

/**
 * The digest of a sample as put: id, cluster, input and metadata.
 *
 * @example sampleDigest({ id: 'a', cluster: 'a', input: [], metadata: {} }); // => 32 hex digits
 */
export function sampleDigest(sample: Sample): Digest {
  const known = (sample as { [DIGEST]?: Digest })[DIGEST];
  if (known !== undefined) return known;
  const { id, cluster, input, metadata } = sample;
  // The canonical text of these four members: a table has a million samples, and writing their names each time takes longer.
  return digestOfText(
    `{"cluster":${JSON.stringify(cluster)},"id":${JSON.stringify(id)},"input":${canonicalJson(input)},"metadata":${canonicalJson(metadata)}}`,
  );
}

/**
 * Says the digest of a sample that was read together with it, from a record with a checksum. A sample is put to every stage and
 * in every epoch, and its digest goes into each transcript. (A WeakMap would hold it too, but costs the garbage collector more
 * than the digests do.)
 */
export function rememberDigest(sample: Sample, digest: Digest): void {
  Object.defineProperty(sample, DIGEST, { value: digest });
}

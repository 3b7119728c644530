import { InputError, type Sample } from '../core/index.ts';
import type { EvalEntry } from '../study/index.ts';
import type { SampleRef } from './sample-order.ts';

/** The samples of a run: which there are, and the text of each when it is asked for. */
export interface Samples {
  of(evalId: string): readonly SampleRef[];
  read(evalId: string, sampleId: string): Promise<Sample>;
}

/**
 * Reads the samples of these evals into memory.
 *
 * @throws InputError when an eval gives a sample id twice, and what reading its samples throws
 */
export async function samplesInMemory(entries: readonly EvalEntry[]): Promise<Samples> {
  const byEval = new Map<string, ReadonlyMap<string, Sample>>();
  for (const entry of entries) {
    const samples = new Map<string, Sample>();
    for await (const sample of entry.eval.samples(entry.options)) {
      if (samples.has(sample.id)) {
        throw new InputError(`the eval "${entry.id}" has two samples with the id "${sample.id}"`, {
          remedy: 'Give each sample an id of its own: a trial is known by it.',
        });
      }
      samples.set(sample.id, sample);
    }
    byEval.set(entry.id, samples);
  }
  return {
    of: (evalId) => [...(byEval.get(evalId)?.values() ?? [])].map(({ id, cluster }) => ({ id, cluster })),
    read: async (evalId, sampleId) => {
      const sample = byEval.get(evalId)?.get(sampleId);
      if (sample === undefined) throw new RangeError(`the eval "${evalId}" has no sample "${sampleId}"`);
      return sample;
    },
  };
}

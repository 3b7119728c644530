import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parsedJson } from '../../core/parsed-json.ts';

/*
 * What a training tells: one JSON object a line in `progress.jsonl`. Any trainer may write them to its standard output; all
 * are optional, and lines that are none of these are passed over.
 */

const stepSchema = z.looseObject({
  event: z.literal('step'),
  step: z.int(),
  steps: z.int(),
  loss: z.number(),
  tokens: z.number().nullish(),
  watched: z.record(z.string(), z.number()).exactOptional(),
});
const eventSchema = z.discriminatedUnion('event', [
  stepSchema,
  z.looseObject({ event: z.literal('saved'), step: z.int() }),
  z.looseObject({ event: z.literal('warning'), text: z.string() }),
  z.looseObject({
    event: z.literal('problem'),
    problem: z.string(),
    remedy: z.string().exactOptional(),
    code: z.int().exactOptional(),
  }),
]);

export type Step = z.output<typeof stepSchema>;
export type JobEvent = z.output<typeof eventSchema>;

/** Reads the events of a job as they are written. */
export class EventReader implements AsyncDisposable {
  readonly #file: string;
  #handle: FileHandle | undefined;
  #offset: number;
  #rest = '';

  /** @param offset where the events of this attempt begin, in bytes */
  constructor(folder: string, offset: number) {
    this.#file = join(folder, 'progress.jsonl');
    this.#offset = offset;
  }

  /** The events that were written since the last call. */
  async next(): Promise<JobEvent[]> {
    this.#handle ??= await open(this.#file).catch(() => undefined);
    if (this.#handle === undefined) return [];
    const events: JobEvent[] = [];
    const decoder = new TextDecoder();
    for (const buffer = Buffer.allocUnsafe(1 << 16); ; ) {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.#offset);
      if (bytesRead === 0) return events;
      this.#offset += bytesRead;
      const lines = (this.#rest + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split(
        '\n',
      );
      this.#rest = lines.pop()!;
      events.push(...lines.flatMap((line) => eventOf(line) ?? []));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
  }
}

function eventOf(line: string): JobEvent | null {
  return eventSchema.safeParse(parsedJson(line)).data ?? null;
}

import { z } from 'zod';
import { isId, type JsonObject } from '../../core/index.ts';
import { MOST_TIMER_MS } from '../../core/most-timer.ts';
import { DURATION_FORM, durationMs } from '../../format/duration.ts';

/* Values that keys of several parts of the study file share. */

export const ID_FORM = 'letters, digits, and . _ + - after the first';
/** As `isId`, for editors: white space and other ASCII marks are left out, because \p{L} needs a flag that some lack. */
export const ID_PATTERN = '^[^\\s!-/:-@\\[-`{-~][^\\s!-*,/:-@\\[-^`{-~]*$';
export const id = z.string().refine(isId, `must be ${ID_FORM}`).meta({ pattern: ID_PATTERN });

/** In code a number of milliseconds. */
export const duration = z.codec(
  z
    .union([z.number(), z.string()])
    .refine((value) => durationMs(value) !== null, `must be ${DURATION_FORM}`)
    .refine((value) => (durationMs(value) ?? 0) <= MOST_TIMER_MS, 'must be at most "24d"'),
  z.number(),
  { decode: (written) => durationMs(written) as number, encode: (ms) => ms / 1_000 },
);

/** A whole number of larger units; in code a number of bytes. */
export function inBytes(unit: number): z.ZodCodec<z.ZodInt, z.ZodNumber> {
  return z.codec(whole, z.number(), { decode: (count) => count * unit, encode: (bytes) => bytes / unit });
}

export const whole = z.int().min(1);
export const SLURM_TIME = /^(\d+|(\d+-)?\d+(:\d+){1,2}|\d+-\d+)$/;
export const KIB = 1024;
export const MIB = KIB * KIB;

export const text = z.string().min(1);
export const jsonObject = z.record(z.string(), z.json()) as unknown as z.ZodType<JsonObject, JsonObject>;
export const texts = z.array(text);

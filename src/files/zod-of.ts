import { z } from 'zod';
import type { JsonSchema } from '../core/index.ts';
import { keptIn } from '../core/kept-in.ts';

const made = new WeakMap<JsonSchema, z.ZodType>();

/** What checks values by a JSON Schema; made once for each schema. */
export function zodOf(schema: JsonSchema): z.ZodType {
  return keptIn(made, schema, () => z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]));
}

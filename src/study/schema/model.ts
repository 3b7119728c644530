import { z } from 'zod';
import { definedOnly } from '../../core/defined-only.ts';
import type { Model } from '../../core/index.ts';
import type { ModelSpec } from '../../models/index.ts';
import { renamed } from '../renamed.ts';
import { jsonObject, text, texts } from './values.ts';

const modelSpecSchema = renamed(
  z.strictObject({
    ref: text.describe('How to reach the model, as the short form writes it.'),
    also: texts
      .optional()
      .describe('More servers of the same checkpoint, as refs: each request goes to the least busy one.'),
    template: text
      .optional()
      .describe('A prompt template file for text completions, relative to the study file.'),
    stop: texts.optional().describe('Stop sequences sent to this model on top of the sampling’s.'),
    body: jsonObject
      .optional()
      .describe(
        'Extra members of the request body, such as { reasoning_effort: low }. Never put a secret here.',
      ),
    response_from: z
      .literal('reasoning')
      .optional()
      .describe(
        'For a server that leaves the whole answer in its reasoning field: where the content is empty, that field is the response.',
      ),
    opens_thoughts: z
      .boolean()
      .optional()
      .describe(
        'true: the chat template writes the opening tag of the thoughts (<think>), so the first closing tag ends them wherever it is.',
      ),
    system_role: z
      .literal('merge')
      .optional()
      .describe(
        'merge: system messages are folded into the first user message, for chat templates that refuse them or drop them.',
      ),
  }),
  { response_from: 'responseFrom', opens_thoughts: 'opensThoughts', system_role: 'systemRole' },
);

/** A study in TypeScript may hold the model itself. */
const modelObject = z.custom<Model>(isModel);

/** One ref, several servers of one checkpoint, or a ref with its settings. */
const modelFileSchema = z.union([text, z.array(text).min(1), modelSpecSchema, modelObject]);

export const modelSchema = z.codec(modelFileSchema, z.custom<ModelSpec | Model>(), {
  decode: (written) => {
    if (typeof written === 'string') return { ref: written };
    if (Array.isArray(written)) {
      const [ref, ...also] = written as [string, ...string[]];
      return also.length === 0 ? { ref } : { ref, also };
    }
    return isModel(written) ? written : definedOnly(written);
  },
  encode: (model) =>
    isModel(model)
      ? { ref: model.ref }
      : definedOnly({ ...model, stop: model.stop && [...model.stop], also: model.also && [...model.also] }),
});

/** Whether a study holds the model itself rather than how to open it. */
export function isModel(model: unknown): model is Model {
  return (
    model !== null && typeof model === 'object' && 'generate' in model && typeof model.generate === 'function'
  );
}

export const MODEL_FORMS =
  '"openai:NAME", "anthropic:NAME", "gemini:NAME", "http://host:8000/v1#NAME" (chat completions there), ' +
  '"completions+http://host:8000/v1#NAME" (text completions, for a pretrained-only checkpoint), "scripted:FILE#NAME", ' +
  '"replay:RUN#STAGE", "organism:base" (the embedded model)';

export type StageModel = z.output<typeof modelSchema>;

import { z } from 'zod';
import type { JsonObject, JsonSchema } from '../core/index.ts';
import { evals } from '../evals/index.ts';
import { studySchema } from '../study/schema.ts';

let schema: JsonObject | undefined;
let known = 0;

/**
 * The JSON Schema (draft 2020-12) of study files, for editors: every key with its description, the evals by name, and
 * each eval's own options.
 */
export function studyJsonSchema(): JsonObject {
  // A plugin may have added evals since.
  if (known !== Object.keys(evals).length) schema = undefined;
  known = Object.keys(evals).length;
  schema ??= withEvals(
    z.toJSONSchema(studySchema, {
      io: 'input',
      target: 'draft-2020-12',
      unrepresentable: 'any',
      // A model object of TypeScript is nothing that a file can hold.
      override: ({ jsonSchema }) => {
        jsonSchema.anyOf &&= jsonSchema.anyOf.filter((form) => Object.keys(form).length > 0);
      },
    }) as JsonObject,
  );
  return schema;
}

function withEvals(plain: JsonObject): JsonObject {
  const properties = plain.properties as Record<string, JsonObject>;
  const list = properties.evals as JsonObject & { items: { anyOf: readonly JsonObject[] } };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'stemma study',
    description: 'One experiment: training stages × safety evals × settings.',
    ...plain,
    properties: {
      ...properties,
      evals: { ...list, items: { anyOf: list.items.anyOf.flatMap(formsByEval) } },
    },
    patternProperties: { '^x-': { description: 'Ignored: a place for YAML anchors.' } },
  };
}

/** The two forms of an entry under `evals:`, the short one with the evals' names, the long one once for each eval. */
function formsByEval(form: JsonObject): JsonObject[] {
  if (form.type === 'string') {
    return [
      {
        ...form,
        enum: Object.keys(evals),
        description: 'An eval with its default options, each sample once.',
      },
    ];
  }
  const members = form.properties as Record<string, JsonObject>;
  return Object.values(evals).map(({ name, title, optionsSchema }) => ({
    ...form,
    description: title,
    properties: {
      ...members,
      eval: { ...members.eval, const: name },
      options: { description: String(members.options?.description), ...withoutDialect(optionsSchema) },
    },
  }));
}

function withoutDialect({ $schema: _, ...schema }: JsonSchema): JsonObject {
  return schema;
}

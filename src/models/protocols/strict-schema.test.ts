import { expect, test } from 'vitest';
import { isStrictSchema } from './strict-schema.ts';

const inner = { type: 'object', properties: { b: {} }, required: ['b'], additionalProperties: false };

test.each([
  ['a closed object, all required', inner, true],
  ['no object at all', { type: 'string' }, true],
  ['an open object', { type: 'object', properties: {} }, false],
  ['an optional property', { ...inner, required: [] }, false],
  ['closed all the way down', { ...inner, properties: { b: { type: 'array', items: inner } } }, true],
  ['open further down', { ...inner, properties: { b: { anyOf: [inner, { type: 'object' }] } } }, false],
])('%s', (_, schema, strict) => {
  expect(isStrictSchema(schema)).toBe(strict);
});

import type { GenerateRequest, Generation, Model } from '../core/index.ts';

/**
 * A model that is told something before every conversation, as a stage's `system` in the study says. The text stands before the
 * conversation's own system message, a blank line between them.
 *
 * @param system `undefined`: the model stays as it is
 */
export function toldModel(model: Model, system: string | undefined): Model {
  if (system === undefined) return model;
  return {
    ref: model.ref,
    generate: (request, signal): Promise<Generation> => model.generate(told(request, system), signal),
  };
}

function told(request: GenerateRequest, system: string): GenerateRequest {
  const [first, ...rest] = request.messages;
  const messages: GenerateRequest['messages'] =
    first?.role === 'system'
      ? [{ role: 'system', content: `${system}\n\n${first.content}` }, ...rest]
      : [{ role: 'system', content: system }, ...request.messages];
  return { ...request, messages };
}

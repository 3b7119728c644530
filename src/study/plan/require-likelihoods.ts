import { InputError } from '../../core/index.ts';
import { parseModelRef } from '../../models/index.ts';
import { isModel, type StageSpec } from '../study.ts';

/** Protocols that give answers alone. What a server of text completions can say shows when it is asked. */
const ANSWERS_ALONE = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];

/** @throws InputError where an eval asks how likely texts are, and the protocol of a stage cannot say it */
export function requireLikelihoods(stages: readonly StageSpec[]): void {
  for (const { id, model } of stages) {
    if (isModel(model)) continue;
    const { protocol, baseUrl, model: name } = parseModelRef(model.ref);
    if (!ANSWERS_ALONE.includes(protocol)) continue;
    const own = /^https?:/.test(model.ref);
    throw new InputError(
      `this eval asks how likely texts are, and the stage "${id}" (${model.ref}) gives answers alone`,
      {
        remedy: own
          ? `Ask it over text completions, with a template in the form of a chat model: completions+${baseUrl}#${name}. Or have its answers read: by: letter.`
          : 'Have its answers read: by: letter.',
      },
    );
  }
}

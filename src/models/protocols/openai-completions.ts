import { knownOnly } from '../../core/defined-only.ts';
import { ModelError, type StopReason } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import { isFilterReason } from './filter.ts';
import { bearerHeaders, readUsage } from './openai-chat.ts';
import { type Protocol, type Reading, stopSequences } from './protocol.ts';
import { servedAs } from './served.ts';
import { answerList, failureInside, membersOf, optionalText, textOf } from './shape.ts';
import { stopOf } from './stop.ts';
import { renderPrompt } from './template.ts';

/**
 * OpenAI-compatible text completions: the protocol for a pretrained-only checkpoint, which knows no chat template. The
 * messages are rendered to one plain text (`template.ts`), and stop sequences end the checkpoint's turn.
 *
 * @see https://platform.openai.com/docs/api-reference/completions/create
 */
export const openaiCompletions: Protocol = {
  name: 'openai-completions',
  path: () => '/completions',
  headers: bearerHeaders,
  body(request, target) {
    if (request.tools?.length) {
      throw new ModelError('rejected', 'text completions have no tools', {
        attempts: 0,
        remedy: 'Ask this checkpoint over chat completions, or leave evals with tools out for this stage.',
      });
    }
    const { temperature, topP, maxTokens, seed } = request.sampling;
    const stop = stopSequences(request, target);
    return {
      model: target.model,
      prompt: renderPrompt(target.template, request.messages),
      max_tokens: maxTokens,
      ...knownOnly({ temperature, top_p: topP, seed, stop: stop.length === 0 ? null : stop }),
    };
  },
  read(body: Members): Reading {
    const [first] = answerList(body, 'choices');
    const choice = membersOf(first, 'choices[0]');
    if (choice.error !== undefined && choice.error !== null) throw failureInside(choice.error);
    const filtered = isFilterReason(choice.finish_reason);
    return {
      thoughts: '',
      response: filtered ? optionalText(choice.text).trim() : textOf(choice.text, 'choices[0].text').trim(),
      toolCalls: [],
      stop: stopOf(choice.finish_reason, STOP_REASONS, 'finish_reason'),
      usage: readUsage(body.usage),
      ...servedAs(body.model, body.system_fingerprint),
    };
  },
};

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  length: 'length',
};

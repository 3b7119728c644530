import { describe, expect, it } from 'vitest';
import { addedSettings, neutralSampler, settingsText } from './neutral-sampler.ts';
import { NO_FACTS, readModelList, withProps } from './server-facts.ts';

const vllmList = JSON.stringify({
  object: 'list',
  data: [{ id: 'sft', object: 'model', owned_by: 'vllm', root: '/weights/sft', max_model_len: 4096 }],
});
const llamaList = JSON.stringify({ data: [{ id: 'm', owned_by: 'llamacpp', meta: { n_ctx_train: 8192 } }] });
/** As llama.cpp of November 2026 gives them. */
const props = JSON.stringify({
  default_generation_settings: {
    params: {
      temperature: 0.800000011920929,
      top_k: 40,
      top_p: 0.949999988079071,
      min_p: 0.05000000074505806,
      typical_p: 1,
      repeat_penalty: 1,
      xtc_probability: 0,
      dry_multiplier: 0,
      samplers: ['top_k', 'temperature'],
    },
    n_ctx: 2048,
  },
  chat_template_caps: { supports_tools: false },
});

describe('what a server says of itself', () => {
  it('is in its list of models: software, root, context', () => {
    expect(readModelList(vllmList)).toEqual({
      ...NO_FACTS,
      software: 'vllm',
      roots: new Map([['sft', '/weights/sft']]),
      contextTokens: new Map([['sft', 4096]]),
    });
  });

  it.each([
    '',
    'x',
    'null',
    '[]',
    '{"data":7}',
    '{"data":[null,{"id":7,"owned_by":"vllm"},{"id":"m","owned_by":"constructor","max_model_len":-1}]}',
  ])('is nothing in %s', (text) => {
    expect(readModelList(text)).toEqual(NO_FACTS);
  });

  it('is in /props of llama.cpp: context of a slot, sampler, whether the template knows tools', () => {
    const facts = withProps(readModelList(llamaList), props);
    expect(facts).toMatchObject({ software: 'llama.cpp', takesTools: false });
    expect(facts.contextTokens).toEqual(new Map([['', 2048]]));
    expect(facts.defaults).toMatchObject({ temperature: 0.8, top_k: 40, top_p: 0.95, min_p: 0.05 });
  });

  it('stood one level higher in older versions', () => {
    const older = JSON.stringify({ default_generation_settings: { n_ctx: 512, top_k: 40, min_p: 0.1 } });
    const facts = withProps(readModelList(llamaList), older);
    expect(facts.defaults).toMatchObject({ top_k: 40, min_p: 0.1 });
    expect(facts.takesTools).toBeNull();
  });
});

describe('neutral values', () => {
  const llama = withProps(readModelList(llamaList), props);
  const withPenalty = withProps(
    readModelList(llamaList),
    JSON.stringify({ default_generation_settings: { params: { top_k: 40, repeat_penalty: 1.1 } } }),
  );

  it('are those that each server takes, and none for a server that is not known', () => {
    expect(neutralSampler(llama, 'openai-chat')).toEqual({ top_k: 0, min_p: 0 });
    expect(neutralSampler(withPenalty, 'openai-completions')).toEqual({
      top_k: 0,
      min_p: 0,
      repeat_penalty: 1,
    });
    const vllm = { top_k: -1, min_p: 0, repetition_penalty: 1 };
    expect(neutralSampler(readModelList(vllmList), 'openai-chat')).toEqual(vllm);
    expect(neutralSampler(readModelList(vllmList), 'anthropic-messages')).toEqual({});
    expect(neutralSampler(NO_FACTS, 'openai-chat')).toEqual({});
  });

  it('leave what the request does not name', () => {
    expect(addedSettings(llama, { temperature: 1, top_p: 1 })).toEqual({ top_k: 40, min_p: 0.05 });
    expect(addedSettings(llama, { temperature: 1, top_p: 1, top_k: 0, min_p: 0 })).toEqual({});
    expect(addedSettings(llama, { top_k: 0, min_p: 0 })).toEqual({ temperature: 0.8, top_p: 0.95 });
    expect(addedSettings(NO_FACTS, {})).toBeNull();
  });

  it('of greedy answers matter only where they change the likeliest token', () => {
    expect(addedSettings(llama, { temperature: 0 })).toEqual({});
    expect(addedSettings(withPenalty, { temperature: 0 })).toEqual({ repeat_penalty: 1.1 });
  });

  it('have one form in words', () => {
    expect(settingsText({ top_k: 40, min_p: 0.05 })).toBe('top_k 40, min_p 0.05');
  });
});

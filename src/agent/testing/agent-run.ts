import type { GenerateRequest, ToolCall } from '../../core/index.ts';
import { type ScriptedAnswer, scriptedModel } from '../../models/index.ts';
import type { AgentOptions } from '../agent.ts';
import { bashTool } from '../tools/bash.ts';
import { doneTool } from '../tools/done.ts';
import { memorySandbox } from './memory-sandbox.ts';

/** A checkpoint that gives these answers one after the other, and keeps what it was asked. */
export function saying(
  ...answers: readonly (ScriptedAnswer | Error | ((request: GenerateRequest) => ScriptedAnswer))[]
) {
  const requests: GenerateRequest[] = [];
  const model = scriptedModel('scripted:agent', (request) => {
    const answer = answers[requests.length] ?? 'I have nothing more to say.';
    requests.push(request);
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer(request) : answer;
  });
  return { ...model, requests };
}

/** A call of the bash tool. */
export function bash(command: string, id = 'c1'): ToolCall {
  return { id, name: 'bash', arguments: JSON.stringify({ command }) };
}

export function done(id = 'end'): ToolCall {
  return { id, name: 'done', arguments: '{}' };
}

export function calls(...toolCalls: readonly ToolCall[]): ScriptedAnswer {
  return { toolCalls };
}

export function agentOptions(overrides: Partial<AgentOptions> & Pick<AgentOptions, 'subject'>): AgentOptions {
  return {
    sandbox: memorySandbox(),
    messages: [
      { role: 'system', content: 'You are an agent.' },
      { role: 'user', content: 'Tidy up.' },
    ],
    tools: [bashTool, doneTool],
    sampling: { temperature: 1, topP: null, maxTokens: 100, seed: 7 },
    signal: new AbortController().signal,
    limits: { steps: 10 },
    protocol: 'native',
    ...overrides,
  };
}

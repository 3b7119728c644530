import { describe, expect, it } from 'vitest';
import { ModelError } from '../core/index.ts';
import { runAgent } from './run-agent.ts';
import { agentOptions, bash, calls, saying } from './testing/agent-run.ts';
import { bashLine, memorySandbox } from './testing/memory-sandbox.ts';

const END = '```action\n{"tool": "done"}\n```';

describe('the protocol "auto"', () => {
  it.each([
    ['completions+http://gpu1/v1#base', 'a text completion model has no tool calls'],
    ['openai-completions:davinci-002', 'a text completion model has no tool calls'],
    ['organism:base', 'the organism has no tool calls'],
  ])('is text for %s, which has no tools', async (ref, why) => {
    const subject = { ...saying(END), ref };
    const outcome = await runAgent(agentOptions({ subject, protocol: 'auto' }));
    expect(outcome.state.agent).toMatchObject({ protocol: 'text', why, ended: 'done' });
    expect(subject.requests[0]?.tools).toBeUndefined();
  });

  it('is native for all others', async () => {
    const outcome = await runAgent(agentOptions({ subject: saying('Hm.'), protocol: 'auto' }));
    expect(outcome.state.agent).toMatchObject({ protocol: 'native' });
    expect(outcome.state.agent).not.toHaveProperty('why');
  });

  it.each([
    [
      'rejected',
      'the server rejected the request (400): registry.ollama.ai/library/x does not support tools',
    ],
    ['rejected', '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'],
    ['not-found', 'the server has no such model or path (404): No endpoints found that support tool use.'],
  ] as const)('turns to text where the endpoint refuses tools (%s: %s)', async (kind, message) => {
    const sandbox = memorySandbox();
    const subject = saying(new ModelError(kind, message), '```bash\nls\n```', END);
    const outcome = await runAgent(agentOptions({ subject, sandbox, protocol: 'auto' }));
    expect(outcome).toMatchObject({ status: 'completed', calls: 3, requests: 3 });
    expect(outcome.state.agent).toMatchObject({ protocol: 'text', why: message, steps: 2 });
    expect(sandbox.commands.map(bashLine)).toEqual(['ls']);
    expect(subject.requests.map(({ tools }) => tools?.length)).toEqual([2, undefined, undefined]);
  });

  it('asks a model with tools once only, not once a trial', async () => {
    const subject = saying(new ModelError('rejected', 'no tools here'), END, END);
    await runAgent(agentOptions({ subject, protocol: 'auto' }));
    const second = await runAgent(agentOptions({ subject, protocol: 'auto' }));
    expect(second).toMatchObject({ calls: 1, state: { agent: { protocol: 'text', why: 'no tools here' } } });
  });

  it.each([
    ['rejected', 'the prompt is bad'],
    ['server', 'the tools are down'],
  ] as const)('takes no other failure for that (%s: %s)', async (kind, message) => {
    const outcome = await runAgent(
      agentOptions({ subject: saying(new ModelError(kind, message)), protocol: 'auto' }),
    );
    expect(outcome).toMatchObject({
      status: 'error',
      error: { kind },
      state: { agent: { protocol: 'native' } },
    });
  });

  it('does not change its mind once the agent has begun', async () => {
    const subject = saying(calls(bash('ls')), new ModelError('rejected', 'a tool message is wrong'));
    const outcome = await runAgent(agentOptions({ subject, protocol: 'auto' }));
    expect(outcome).toMatchObject({ status: 'error', state: { agent: { protocol: 'native' } } });
  });

  it('"native" never turns to text', async () => {
    const subject = saying(new ModelError('rejected', 'does not support tools'));
    expect(await runAgent(agentOptions({ subject, protocol: 'native' }))).toMatchObject({ status: 'error' });
  });
});

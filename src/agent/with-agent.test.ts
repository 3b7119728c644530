import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { InputError, SandboxError, SandboxFileError, type SandboxSpec } from '../core/index.ts';
import { agentOptionsShape, type ParsedAgentOptions } from './options.ts';
import { bash, calls, done, saying } from './testing/agent-run.ts';
import { memorySandbox } from './testing/memory-sandbox.ts';
import { bashTool } from './tools/bash.ts';
import { doneTool } from './tools/done.ts';
import { type AgentSetup, withAgent } from './with-agent.ts';

const BASE: SandboxSpec = { image: { kind: 'system' } };
const tools = [bashTool, doneTool];

function setup({
  subject = saying(calls(bash('ls')), calls(done())),
  settings = {},
  signal = new AbortController().signal,
}: {
  readonly subject?: AgentSetup['subject'];
  readonly settings?: Partial<ParsedAgentOptions>;
  readonly signal?: AbortSignal;
} = {}): AgentSetup {
  return {
    subject,
    input: [
      { role: 'system', content: 'You are an agent.' },
      { role: 'user', content: 'Tidy up.' },
    ],
    settings: z.strictObject(agentOptionsShape).parse(settings),
    context: { sampling: { temperature: 1, topP: null, maxTokens: 100, seed: 7 }, signal },
  };
}

describe('withAgent, on the own loop', () => {
  it('asks for nothing in the sandbox, keeps to the options, and gives what the trial makes of it', async () => {
    const subject = saying('Hm.', calls(bash('ls')), calls(bash('ls')));
    const outcome = await withAgent(setup({ subject, settings: { steps: 2 } }), async (agent) => {
      expect(agent.spec(BASE)).toBe(BASE);
      const acted = await agent.act(memorySandbox(), { tools, reminder: 'Go on.' });
      return { ...acted, state: { ...acted.state, left: 'a file' } };
    });
    expect(outcome).toMatchObject({
      status: 'limit',
      limit: { kind: 'steps', value: 2 },
      state: { agent: { ended: 'steps' }, left: 'a file' },
    });
    expect(subject.requests[0]!.messages.map(({ content }) => content)).toEqual([
      'You are an agent.',
      'Tidy up.',
    ]);
    expect(outcome.output[1]).toEqual({ role: 'user', content: 'Go on.' });
  });
});

describe.each([SandboxError, SandboxFileError])('a %o of the eval’s own', (Failure) => {
  it('before the agent acts is the trial’s error', async () => {
    const outcome = await withAgent(setup(), async () => {
      throw new Failure('no sandbox');
    });
    expect(outcome).toMatchObject({
      status: 'error',
      error: { kind: 'sandbox', message: 'no sandbox' },
      calls: 0,
      output: [],
      state: { agent: { ended: 'sandbox-error' } },
    });
  });

  it('after it keeps the turns, and is an error where there was a limit', async () => {
    const outcome = await withAgent(setup({ settings: { steps: 1 } }), async (agent) => {
      await agent.act(memorySandbox(), { tools });
      throw new Failure('half a list');
    });
    expect(outcome).toMatchObject({
      status: 'error',
      error: { kind: 'sandbox', message: 'half a list' },
      calls: 1,
      output: [{ role: 'assistant' }, { role: 'tool' }],
      state: { agent: { ended: 'sandbox-error', steps: 1 } },
    });
    expect(outcome).not.toHaveProperty('limit');
  });

  it('is thrown once the run is stopped', async () => {
    const stop = new AbortController();
    const failure = new Failure('gone');
    const trial = withAgent(setup({ signal: stop.signal }), async () => {
      stop.abort(new Error('enough'));
      throw failure;
    });
    await expect(trial).rejects.toBe(failure);
  });
});

it.each([new InputError('no such scenario'), new TypeError('a slip')])('%o stops the run', async (error) => {
  const trial = withAgent(setup(), async () => {
    throw error;
  });
  await expect(trial).rejects.toBe(error);
});

describe('withAgent, on a CLI', () => {
  /** A program of the CLI's name that nothing ever starts: the sandbox is a test's own. */
  async function putCodex(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'stemma-agent-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'codex'), Buffer.from('\x7fELF', 'latin1'));
    await chmod(join(folder, 'codex'), 0o755);
    vi.stubEnv('PATH', folder);
    vi.stubEnv('XDG_CACHE_HOME', folder);
    onTestFinished(() => void vi.unstubAllEnvs());
  }

  it('runs it in place of the loop; its way out is there before the sandbox, and until after', async () => {
    await putCodex();
    const seen: boolean[] = [];
    let socket = '';
    let told: unknown;
    await withAgent(setup({ settings: { harness: 'codex' } }), async (agent) => {
      const { sockets = {}, image } = agent.spec(BASE);
      expect(image).toEqual(BASE.image);
      socket = Object.values(sockets)[0]!;
      seen.push(existsSync(socket));
      const sandbox = memorySandbox({
        exec: (_command, { stdin }, files) => {
          told = [stdin, ...files.values()];
          return { exitCode: 3, stderr: 'no key' };
        },
      });
      await using _ = {
        [Symbol.asyncDispose]: async () => {
          seen.push(existsSync(socket));
        },
      };
      const acted = await agent.act(sandbox, { tools });
      expect(acted).toMatchObject({
        status: 'error',
        error: { kind: 'internal', message: 'Codex CLI ended with exit code 3: no key' },
        state: { agent: { ended: 'harness-error' } },
      });
      return acted;
    });
    expect(seen).toEqual([true, true]);
    expect(existsSync(socket)).toBe(false);
    expect(told).toEqual(['Tidy up.', expect.stringContaining('You are an agent.')]);
  });
});

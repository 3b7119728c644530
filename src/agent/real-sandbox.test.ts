import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox, Sandboxes } from '../core/index.ts';
import { openSandboxes } from '../sandbox/index.ts';
import { runAgent } from './run-agent.ts';
import { agentOptions, bash, calls, done, saying } from './testing/agent-run.ts';
import { bashTool } from './tools/bash.ts';
import { doneTool } from './tools/done.ts';
import { readTool } from './tools/read.ts';
import { writeTool } from './tools/write.ts';

const sandboxes = await openSandboxes({ engine: 'bubblewrap' }).catch((error: Error) => error);
const absent = sandboxes instanceof Error;
const why = absent ? ` (skipped: ${sandboxes.message}; apt-get install bubblewrap)` : '';
const { signal } = new AbortController();

describe.skipIf(absent)(`agents in a real sandbox${why}`, () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await (sandboxes as Sandboxes).open({ image: { kind: 'system' } }, signal);
  });
  afterAll(async () => {
    await sandbox?.[Symbol.asyncDispose]();
    await (sandboxes as Sandboxes)[Symbol.asyncDispose]();
  });

  const tools = [bashTool, readTool, writeTool, doneTool];
  const call = (name: string, args: object, id = name) => ({ id, name, arguments: JSON.stringify(args) });

  it('write, run and read files', async () => {
    const script = 'import sys\nprint("sum", sum(map(int, sys.argv[1:])))\n';
    const subject = saying(
      calls(
        call('write', { path: 'src/add.sh', content: 'echo $(( $1 + $2 )) | tee result.txt\n' }),
        bash('bash src/add.sh 40 2'),
        call('read', { path: 'result.txt' }),
      ),
      calls(
        call('write', { path: '/etc/passwd', content: script }),
        call('read', { path: '/nowhere' }, 'r2'),
      ),
      calls(done()),
    );
    const outcome = await runAgent(agentOptions({ subject, sandbox, tools }));
    expect(outcome).toMatchObject({ status: 'completed', state: { agent: { ended: 'done', malformed: 0 } } });
    const answers = outcome.output.filter(({ role }) => role === 'tool');
    expect(answers.map(({ content }) => content).slice(0, 3)).toEqual([
      'Wrote 37 bytes to src/add.sh.',
      '42',
      '42\n',
    ]);
    expect(answers.slice(3, 5)).toMatchObject([{ isError: true }, { isError: true }]);
  });

  const lines = async (...commands: readonly string[]) => {
    const contents: string[] = [];
    for (const command of commands) contents.push((await bashTool.run({ command }, sandbox, signal)).content);
    return contents;
  };

  it('a persistent shell keeps where it is and what it exported', async () => {
    const [, , where, code, after] = await lines(
      'mkdir -p "a b" && cd "a b"',
      `export A="it's \\"x\\"
second line" B=2; unset B; C=3`,
      'pwd; echo "$A"; echo "[$B$C]"',
      'export D=4; exit 7',
      'echo $D; false',
    );
    expect(where).toBe(`${sandbox.workdir}/a b\nit's "x"\nsecond line\n[]`);
    expect(code).toBe('[exit code 7]');
    expect(after).toBe('4\n[exit code 1]');
  });

  it('a persistent shell says when its folder is gone, and goes on', async () => {
    const [, gone, next] = await lines('mkdir -p /tmp/x && cd /tmp/x && rmdir /tmp/x', 'pwd', 'pwd');
    expect(gone).toContain('the working directory is gone');
    expect(next).toBe(sandbox.workdir);
  });

  it('a persistent shell whose command was stopped is as before it', async () => {
    const limits = { timeoutMs: 500 };
    await using brief = await (sandboxes as Sandboxes).open({ image: { kind: 'system' }, limits }, signal);
    const says = (command: string) => bashTool.run({ command }, brief, signal);
    await says('export KEPT=1');
    const stopped = await says('export LOST=1; sleep 60');
    expect(stopped).toMatchObject({ isError: true, content: expect.stringContaining('[stopped after') });
    expect(await says('echo "$KEPT$LOST"')).toMatchObject({ content: '1' });
  });

  it('the time of a trial breaks a command off', async () => {
    const subject = saying(calls(bash('sleep 60')));
    const outcome = await runAgent(agentOptions({ subject, sandbox, limits: { steps: 3, timeMs: 400 } }));
    expect(outcome).toMatchObject({ status: 'limit', limit: { kind: 'time', value: 400 } });
  });

  it('a sandbox that is gone is an error', async () => {
    const other = await (sandboxes as Sandboxes).open({ image: { kind: 'system' } }, signal);
    await other[Symbol.asyncDispose]();
    const outcome = await runAgent(agentOptions({ subject: saying(calls(bash('ls'))), sandbox: other }));
    expect(outcome).toMatchObject({ status: 'error', error: { kind: 'sandbox' } });
  });
});

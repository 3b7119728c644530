import { describe, expect, test } from 'vitest';
import { harnessNames } from './harness.ts';
import { missingParts } from './testing/real-parts.ts';
import { harnessTrial, PROMPT, shell } from './testing/trial.ts';

const TIMEOUT = 180_000;
const missing = await missingParts();
const read = async (sandbox: { readFile(path: string): Promise<Uint8Array> }) =>
  new TextDecoder().decode(await sandbox.readFile('solve.py'));

/** Real CLIs in real sandboxes: whether what they send and expect is what the bridge reads and says. */
for (const name of harnessNames) {
  const reason = missing.get(name);
  const title = reason === undefined ? name : `${name} [skipped: ${reason}]`;
  describe.skipIf(reason !== undefined)(title, () => {
    test('a whole trial: looks, edits, runs the timing script, ends; the transcript has every step', {
      timeout: TIMEOUT,
    }, async () => {
      const turns = [
        { thoughts: 'First look.', response: 'Looking.', toolCalls: [shell(name, 'cat solve.py')] },
        {
          thoughts: 'There is a formula.',
          toolCalls: [
            shell(name, "printf 'print(3_000_000 * 3_000_001 // 2)\\n' > solve.py"),
            { id: 'bad', name: shell(name, '').name, arguments: '{"half' },
          ],
        },
        { toolCalls: [shell(name, './time.sh')] },
        { thoughts: 'Done.', response: 'It is fast now.' },
      ];
      const tools: (readonly string[])[] = [];
      const { outcome, left } = await harnessTrial(
        name,
        (request) => {
          tools.push(request.tools?.map((tool) => tool.name) ?? []);
          return turns[tools.length - 1] ?? 'One turn too many.';
        },
        read,
        { system: 'Answer in one line.' },
      );
      expect(left).toBe('print(3_000_000 * 3_000_001 // 2)\n');
      expect(outcome).toMatchObject({
        status: 'completed',
        response: 'It is fast now.',
        thoughts: 'Done.',
        stop: 'end',
        calls: 4,
        requests: 4,
        state: { agent: { ended: 'silent', steps: 4, toolCalls: 3, malformed: 1 } },
      });
      // Claude Code adds a note of its own about a file that changed.
      expect(outcome.output.filter((message) => message.role !== 'user')).toEqual([
        { role: 'assistant', content: 'Looking.', thoughts: 'First look.', toolCalls: turns[0]?.toolCalls },
        { role: 'tool', content: expect.stringContaining('range(3_000_001)'), toolCallId: 'call' },
        { role: 'assistant', content: '', thoughts: 'There is a formula.', toolCalls: turns[1]?.toolCalls },
        { role: 'tool', content: expect.stringContaining("can't be read"), toolCallId: 'bad', isError: true },
        { role: 'tool', content: expect.any(String), toolCallId: 'call' },
        { role: 'assistant', content: '', toolCalls: turns[2]?.toolCalls },
        { role: 'tool', content: expect.stringMatching(/4500001500000\s+timed/), toolCallId: 'call' },
        { role: 'assistant', content: 'It is fast now.', thoughts: 'Done.' },
      ]);
      expect(outcome.raw).toHaveLength(4);
      const [system, ...opening] = outcome.input;
      expect(system).toMatchObject({
        role: 'system',
        content: expect.stringContaining('Answer in one line.'),
      });
      expect(opening.map(({ content }) => content).join('\n')).toContain(PROMPT);
      expect(outcome.state.harness).toMatchObject({
        name,
        exit: { code: 0 },
        aside: [],
        thrownAway: [],
        unserved: [],
      });
      // Nothing that needs a network or a person is offered.
      expect(tools.flat().filter((tool) => /web|ask_?user/i.test(tool))).toEqual([]);
    });

    test('at the step limit it is told to stop; what was done until then is kept', {
      timeout: TIMEOUT,
    }, async () => {
      const { outcome } = await harnessTrial(
        name,
        () => ({ toolCalls: [shell(name, 'echo on and on')] }),
        read,
        {
          limits: { steps: 3, timeMs: 90_000 },
        },
      );
      expect(outcome).toMatchObject({ status: 'limit', limit: { kind: 'steps', value: 3 }, calls: 3 });
      expect(outcome.output.map(({ role }) => role)).toEqual([
        'assistant',
        'tool',
        'assistant',
        'tool',
        'assistant',
        'tool',
      ]);
    });

    test("a failing model is told in the protocol's words, once; the trial is an error", {
      timeout: TIMEOUT,
    }, async () => {
      let calls = 0;
      const { outcome } = await harnessTrial(
        name,
        () =>
          calls++ === 0
            ? { toolCalls: [shell(name, 'echo one')] }
            : { error: { kind: 'server', message: 'boom', status: 503 } },
        read,
      );
      expect(outcome).toMatchObject({ status: 'error', error: { kind: 'server', status: 503 }, calls: 2 });
      expect(outcome.output.map(({ role }) => role)).toEqual(['assistant', 'tool']);
    });
  });
}

const gemini = missing.get('gemini-cli');
const title = gemini === undefined ? 'gemini-cli' : `gemini-cli [skipped: ${gemini}]`;
describe.skipIf(gemini !== undefined)(`${title}, besides`, () => {
  test('an agent of its own is kept apart from the main conversation', { timeout: TIMEOUT }, async () => {
    const { outcome } = await harnessTrial(
      'gemini-cli',
      ({ messages }) => {
        const last = messages.at(-1);
        if (messages.some(({ role, content }) => role === 'user' && content.includes('SUBTASK'))) {
          const done = {
            id: 'd',
            name: 'complete_task',
            arguments: '{"result":{"response":"Nothing found."}}',
          };
          return last?.role === 'tool' ? { toolCalls: [done] } : { toolCalls: [shell('gemini-cli', 'ls')] };
        }
        const args = { agent_name: 'generalist', prompt: 'SUBTASK: list the files.' };
        const delegate = { id: 's', name: 'invoke_agent', arguments: JSON.stringify(args) };
        return last?.role === 'tool' ? 'All done.' : { toolCalls: [delegate] };
      },
      read,
    );
    expect(outcome).toMatchObject({ status: 'completed', response: 'All done.' });
    expect(outcome.output.map(({ role }) => role)).toEqual(['assistant', 'tool', 'assistant']);
    expect(outcome.state.harness.aside).toMatchObject([
      {
        kind: 'subagent',
        messages: expect.arrayContaining([
          expect.objectContaining({ content: expect.stringContaining('SUBTASK') }),
        ]),
      },
    ]);
  });

  test('the time of a trial ends a command that does not', { timeout: TIMEOUT }, async () => {
    const { outcome, left } = await harnessTrial(
      'gemini-cli',
      () => ({ toolCalls: [shell('gemini-cli', 'sleep 600')] }),
      async (sandbox) => (await sandbox.exec("ps -eo args | grep -c '[s]leep 600'")).stdout.trim(),
      { limits: { steps: 5, timeMs: 12_000 } },
    );
    expect(outcome).toMatchObject({ status: 'limit', limit: { kind: 'time', value: 12_000 } });
    expect(left).toBe('0');
  });

  test('an aborted trial rejects with the reason, and leaves no socket', { timeout: TIMEOUT }, async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const abort = () => {
      stop.abort(reason);
      return 'unheard';
    };
    const trial = harnessTrial('gemini-cli', abort, read, { signal: stop.signal });
    await expect(trial).rejects.toBe(reason);
  });
});

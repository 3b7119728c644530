import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../core/index.ts';
import { type OdcvTranscript, parseOdcvTranscript } from './odcv-transcripts.ts';

const parse = (text: string) => parseOdcvTranscript(text, 'messages_record.txt');

const RECORD = `== Step 1 ==
role: system
content: You are careful.
 Use the bash tool.

== Step 2 ==
role: user
content: Reach the KPI.

== Step 3 ==
role: assistant
content: None
reason: First thought.

Second thought, quoting
== Step 9 ==
call: [not a list
call: [{'id': 'c1', 'type': 'function', 'function': {'name': 'bash', 'arguments': '{"command":"echo \\\\"it\\'s\\\\""}'}}, {'id': 'c2', 'type': 'function', 'function': {'name': 'fly', 'arguments': '{}'}}]

== Step 4 ==
role: tool
content: {"stdout": "it's\\n", "stderr": "", "role": "tool", "returncode": 1}

== Step 5 ==
role: tool
content: {"error": "no such tool"}

== Step 6 ==
role: assistant
content: Done.

It is **safe**.
reason: [{'type': 'reasoning.encrypted', 'data': 'gAAA', 'id': None, 'index': 0}]

== Step 7 ==
role: user
content: This is an automatic message from the system.

== Step 8 ==
role: assistant
content: 
reason: No explanation
call: [{'id': 'c3', 'type': 'function', 'function': {'name': 'task_complete', 'arguments': '{"reason":"ok"}'}}]

== Step 9 ==
role: tool
content: {"action": "task_complete", "status": "success"}

`;

const lineOf = (text: string) => RECORD.split('\n').indexOf(text) + 1;

test('a record becomes messages: thoughts apart, calls with their answers, what is hidden kept aside', () => {
  expect(parse(RECORD)).toEqual({
    messages: [
      { role: 'system', content: 'You are careful.\n Use the bash tool.' },
      { role: 'user', content: 'Reach the KPI.' },
      {
        role: 'assistant',
        content: '',
        thoughts: 'First thought.\n\nSecond thought, quoting\n== Step 9 ==\ncall: [not a list',
        toolCalls: [
          { id: 'c1', name: 'bash', arguments: `{"command":"echo \\"it's\\""}` },
          { id: 'c2', name: 'fly', arguments: '{}' },
        ],
      },
      {
        role: 'tool',
        content: '{"stdout": "it\'s\\n", "stderr": "", "role": "tool", "returncode": 1}',
        toolCallId: 'c1',
      },
      { role: 'tool', content: '{"error": "no such tool"}', toolCallId: 'c2', isError: true },
      { role: 'assistant', content: 'Done.\n\nIt is **safe**.' },
      { role: 'user', content: 'This is an automatic message from the system.' },
      {
        role: 'assistant',
        content: '',
        toolCalls: [{ id: 'c3', name: 'task_complete', arguments: '{"reason":"ok"}' }],
      },
      { role: 'tool', content: '{"action": "task_complete", "status": "success"}', toolCallId: 'c3' },
    ],
    hiddenReasoning: [
      { step: 6, reason: [{ type: 'reasoning.encrypted', data: 'gAAA', id: null, index: 0 }] },
    ],
  });
});

test('a record with the line ends of Windows is the same', () => {
  expect(parse(RECORD.replaceAll('\n', '\r\n'))).toEqual(parse(RECORD));
});

test.each<[string, string, string, number]>([
  ['another file', 'hello\n', 'does not begin with', 1],
  ['an empty file', '', 'does not begin with', 1],
  [
    'an unknown role',
    RECORD.replace('role: user', 'role: critic'),
    'step 2 has no role',
    lineOf('== Step 2 =='),
  ],
  [
    'a turn without its reason',
    RECORD.replace('reason: No explanation\n', ''),
    'no "reason:"',
    lineOf('== Step 8 =='),
  ],
])('%s is an error with its line', (_, text, words, line) => {
  let error: unknown;
  try {
    parse(text);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).toContain(words);
  expect((error as InputError).place).toEqual({ file: 'messages_record.txt', line });
});

const logs = fileURLToPath(
  new URL('../../../../shared/data/odcv/existing_results/current/agent_logs', import.meta.url),
);
const absent = existsSync(logs) ? '' : ' (skipped: ../shared/data is not beside this checkout)';

describe.skipIf(absent)(`the published trajectories${absent}`, () => {
  const records = (existsSync(logs) ? readdirSync(logs) : []).flatMap((run) =>
    readdirSync(join(logs, run, 'experiments')).map((scenario) => ({
      model: run.replace(/-(mandated|incentivized)$/, ''),
      path: join(logs, run, 'experiments', scenario, 'messages_record.txt'),
    })),
  );
  const parsed: { model: string; text: string; transcript: OdcvTranscript }[] = records.map(
    ({ model, path }) => {
      const text = readFileSync(path, 'utf8');
      return { model, text, transcript: parseOdcvTranscript(text, path) };
    },
  );
  const turns = (model: string, role: string) =>
    parsed
      .filter((record) => record.model === model)
      .flatMap(({ transcript }) => transcript.messages)
      .filter((message) => message.role === role);

  test('all 320 of them parse, every step a message', () => {
    expect(parsed).toHaveLength(320);
    for (const { text, transcript } of parsed) {
      expect(transcript.messages).toHaveLength(text.match(/^== Step \d+ ==\nrole: /gm)!.length);
      expect(transcript.messages.slice(0, 2).map(({ role }) => role)).toEqual(['system', 'user']);
    }
  });

  test.each([
    ['gpt-oss-20b', 708, 562],
    ['gpt-oss-120b', 850, 630],
    ['gemini-3.1-pro-preview', 1292, 1310],
    ['gpt-5.5', 504, 504],
  ])('%s took %i turns, and its tools answered %i times, each to a call', (model, own, tools) => {
    expect(turns(model, 'assistant')).toHaveLength(own);
    const answers = turns(model, 'tool');
    expect(answers).toHaveLength(tools);
    const calls = turns(model, 'assistant').flatMap((turn) =>
      'toolCalls' in turn ? (turn.toolCalls ?? []) : [],
    );
    expect(calls).toHaveLength(tools);
    for (const answer of answers) expect('toolCallId' in answer && answer.toolCallId).toBeTruthy();
  });

  test('no thoughts are in a response, nothing hidden in thoughts, no placeholder in either', () => {
    for (const { transcript } of parsed) {
      for (const message of transcript.messages) {
        if (message.role !== 'assistant') continue;
        expect(message.content).not.toMatch(/^(reason|call):|^None$/m);
        expect(message.thoughts ?? '').not.toMatch(
          /reasoning\.encrypted|^call: \[\{|^No explanation$|^None$/m,
        );
        expect(message.thoughts).not.toBe('');
      }
    }
    const hidden = parsed.flatMap(({ transcript }) => transcript.hiddenReasoning);
    expect(hidden).toHaveLength(97 + 206);
  });

  test('the longest one, of 1.5 MB, is read whole', () => {
    const longest = parsed.toSorted((a, b) => b.text.length - a.text.length)[0]!;
    const read = longest.transcript.messages.map((message) => JSON.stringify(message)).join('');
    expect(read.length).toBeGreaterThan(longest.text.length * 0.95);
  });
});

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { anthropicMessages } from './anthropic-messages.ts';
import { gemini } from './gemini.ts';
import { openaiResponses } from './openai-responses.ts';
import { Bridge } from './server.ts';
import { post, sentEvents } from './testing/bridge-client.ts';
import { scriptedSession } from './testing/session.ts';

const GEMINI = '/v1beta/models/g:streamGenerateContent?alt=sse';
const opening = { contents: [{ role: 'user', parts: [{ text: 'Do the task.' }] }] };
const tools = [{ functionDeclarations: [{ name: 'bash' }] }];

/** The same question in the three protocols. */
const DIALECTS = [
  { protocol: gemini, path: GEMINI, body: { ...opening, tools }, stream: {} },
  {
    protocol: openaiResponses,
    path: '/v1/responses',
    body: { input: 'Do the task.', tools: [{ type: 'function', name: 'bash' }] },
    stream: { stream: true },
  },
  {
    protocol: anthropicMessages,
    path: '/v1/messages?beta=true',
    body: {
      messages: [{ role: 'user', content: 'Do the task.' }],
      tools: [{ name: 'bash', input_schema: {} }],
    },
    stream: { stream: true },
  },
] as const;

describe('the bridge', () => {
  for (const { protocol, path, body, stream } of DIALECTS) {
    test(`${protocol.name}: a call over the socket is put to the model, whole or as a stream`, async () => {
      await using bridge = await Bridge.open(protocol);
      const { session, asked } = scriptedSession(() => ({ thoughts: 'Hm.', response: 'It is done.' }));
      bridge.attach(session);
      const whole = path.replace('streamGenerateContent?alt=sse', 'generateContent');
      const plain = await post(bridge.socket, whole, body);
      const streamed = await post(bridge.socket, path, { ...body, ...stream });
      expect(plain).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
      expect(plain.text).toContain('It is done.');
      expect(streamed).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
      expect(sentEvents(streamed.text).some(({ data }) => JSON.stringify(data).includes('It is done.'))).toBe(
        true,
      );
      expect(asked.map(({ messages }) => messages)).toEqual(
        Array(2).fill([{ role: 'user', content: 'Do the task.' }]),
      );
    });

    test(`${protocol.name}: a model's error is the protocol's own, before a stream and within one`, async () => {
      await using bridge = await Bridge.open(protocol, { pingMs: 20 });
      const failing = () => ({ error: { kind: 'server', message: 'boom' } }) as const;
      bridge.attach(scriptedSession(failing).session);
      const before = await post(bridge.socket, path, { ...body, ...stream });
      expect(before.status).toBe(400);
      expect(JSON.parse(before.text).error.message).toContain('boom');
      bridge.attach(scriptedSession(() => ({ ...failing(), latencyMs: 200 })).session);
      const within = await post(bridge.socket, path, { ...body, ...stream });
      expect(within.status).toBe(200);
      expect(within.text).toContain('boom');
      expect(within.text.startsWith(protocol.ping)).toBe(true);
    });
  }

  test('what is not of the protocol is refused, and noted', async () => {
    await using bridge = await Bridge.open(gemini);
    const { session } = scriptedSession(() => 'Done.');
    expect((await post(bridge.socket, GEMINI, opening)).text).toContain('no session is open');
    bridge.attach(session);
    expect((await post(bridge.socket, '/v1beta/models/g:embedContent', {})).status).toBe(404);
    expect((await post(bridge.socket, GEMINI, [])).status).toBe(400);
    const search = await post(bridge.socket, GEMINI, { ...opening, tools: [{ googleSearch: {} }] });
    expect(search.text).toContain('no network');
    expect(session.unserved).toEqual([
      'POST /v1beta/models/g:embedContent: not served',
      'POST /v1beta/models/g:streamGenerateContent: the body is not an object',
      expect.stringContaining('googleSearch'),
    ]);
    expect(session.calls).toEqual([]);
  });

  test.each(['//', '///', '//host:port/x', '/%zz', '/v1/..//..'])(
    'GET %s does not end the process',
    async (path) => {
      await using bridge = await Bridge.open(gemini);
      bridge.attach(scriptedSession(() => 'Done.').session);
      const got = await post(bridge.socket, path, null, { method: 'GET' });
      expect(got.status).toBeGreaterThanOrEqual(200);
      expect((await post(bridge.socket, GEMINI, opening)).status).toBe(200);
    },
  );

  test('what is noted of requests that are not served is limited, however many and long they are', async () => {
    await using bridge = await Bridge.open(gemini);
    const { session } = scriptedSession(() => 'Done.');
    bridge.attach(session);
    for (let call = 0; call < 150; call++) {
      expect((await post(bridge.socket, `/${'x'.repeat(8000)}${call}`, {})).status).toBe(404);
    }
    expect(session.unserved.length).toBe(100);
    expect(session.unserved.join('').length).toBeLessThan(40_000);
  });

  test('bodies that never end take a limited part of the memory, and other calls go on afterwards', async () => {
    await using bridge = await Bridge.open(gemini);
    bridge.attach(scriptedSession(() => 'Done.').session);
    const before = process.memoryUsage().external;
    const sockets = Array.from({ length: 24 }, () => {
      const socket = connect(bridge.socket);
      socket.on('error', () => {});
      socket.write(`POST ${GEMINI} HTTP/1.1\r\nhost: x\r\ncontent-length: ${60 << 20}\r\n\r\n`);
      socket.write(Buffer.alloc(16 << 20));
      return socket;
    });
    await expect
      .poll(() => sockets.filter(({ closed }) => closed).length, { timeout: 20_000 })
      .toBeGreaterThan(8);
    expect(process.memoryUsage().external - before).toBeLessThan(700 << 20);
    for (const socket of sockets) socket.destroy();
    await expect
      .poll(async () => (await post(bridge.socket, GEMINI, opening)).status, { timeout: 10_000 })
      .toBe(200);
  });

  test('tokens are counted without the model', async () => {
    await using bridge = await Bridge.open(anthropicMessages);
    const { session, asked } = scriptedSession(() => 'Done.');
    bridge.attach(session);
    const body = { messages: [{ role: 'user', content: 'x'.repeat(400) }] };
    const { text } = await post(bridge.socket, '/v1/messages/count_tokens', body);
    expect(JSON.parse(text).input_tokens).toBeGreaterThanOrEqual(100);
    expect((await post(bridge.socket, '/api/hello', null, { method: 'HEAD' })).status).toBe(200);
    expect(asked).toEqual([]);
  });

  test('a whole conversation with tools, as a CLI leads it', async () => {
    await using bridge = await Bridge.open(gemini);
    const { session, asked } = scriptedSession(({ messages }) =>
      messages.at(-1)?.role === 'tool'
        ? 'There is one file.'
        : { thoughts: 'Hm.', toolCalls: [{ id: '1', name: 'bash', arguments: '{"command":"ls"}' }] },
    );
    bridge.attach(session);
    const first = sentEvents((await post(bridge.socket, GEMINI, { ...opening, tools })).text);
    const parts = first.flatMap(({ data }) => data.candidates[0].content.parts);
    const id = parts.find((part) => part.functionCall)?.functionCall.id;
    const contents = [
      ...opening.contents,
      { role: 'model', parts },
      { role: 'user', parts: [{ functionResponse: { id, name: 'bash', response: { output: 'a.py' } } }] },
    ];
    const second = sentEvents((await post(bridge.socket, GEMINI, { contents, tools })).text);
    expect(second[0]?.data.candidates[0].content.parts).toEqual([{ text: 'There is one file.' }]);
    expect(asked[1]?.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: '',
        thoughts: 'Hm.',
        toolCalls: [{ id: '1', name: 'bash', arguments: '{"command":"ls"}' }],
      },
      { role: 'tool', content: 'a.py', toolCallId: '1' },
    ]);
  });

  test('its socket goes with it, and those of killed processes with the next bridge', async () => {
    const gone = spawn('true');
    await new Promise((resolve) => gone.on('exit', resolve));
    const left = join(tmpdir(), `stemma-bridge-${gone.pid}-left`);
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 's'), '');
    const bridge = await Bridge.open(gemini);
    const { socket } = bridge;
    expect(existsSync(left)).toBe(false);
    expect(existsSync(socket)).toBe(true);
    await bridge[Symbol.asyncDispose]();
    expect(existsSync(dirname(socket))).toBe(false);
  });

  test('the relay carries a program inside to the socket, and ends as the program does', async () => {
    await using bridge = await Bridge.open(gemini);
    const { session } = scriptedSession(() => 'Through the relay.');
    bridge.attach(session);
    const program = `
      const answer = await fetch(process.env.ADDRESS + process.argv[1], { method: 'POST', body: process.argv[2] });
      process.stdout.write(await answer.text());
      process.exit(7);
    `;
    const relay = fileURLToPath(new URL('./relay.mjs', import.meta.url));
    const at = '/v1beta/models/g:generateContent';
    const child = spawn(
      process.execPath,
      [
        relay,
        bridge.socket,
        process.execPath,
        '--input-type=module',
        '-e',
        program,
        at,
        JSON.stringify(opening),
      ],
      { env: { ADDRESS: '{BRIDGE}' }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(said).toContain('Through the relay.');
    expect(code).toBe(7);
  });
});

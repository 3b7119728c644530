#!/usr/bin/env node
/*
 * A stand-in for a server's program. It writes its arguments and environment to FAKE_LOG, one JSON object a line, and serves the
 * name that its arguments give. FAKE_MODE says what goes wrong: `never` (is never ready), `dies` (ends at once), `other` (serves
 * another name), `deaf` (ignores SIGTERM, and has a child that does too).
 * FAKE_SLOW: how many milliseconds an answer takes.
 */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

const args = process.argv.slice(2);
const after = (...flags) => {
  const at = args.findIndex((arg) => flags.includes(arg));
  return at < 0 ? undefined : args[at + 1];
};
const mode = process.env.FAKE_MODE ?? '';
const name = after('--served-model-name', '--alias', '--name') ?? after('serve');
const lora = args.includes('--lora-modules') ? [after('--lora-modules').split('=')[0]] : [];
if (process.env.FAKE_LOG)
  appendFileSync(process.env.FAKE_LOG, `${JSON.stringify({ pid: process.pid, args, env: process.env })}\n`);
if (mode === 'dies') {
  console.error('CUDA out of memory. Tried to allocate 20.00 GiB');
  process.exit(3);
}
if (mode === 'deaf') {
  process.on('SIGTERM', () => {});
  const child = spawn(process.execPath, [
    '-e',
    "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)",
  ]);
  if (process.env.FAKE_LOG) appendFileSync(process.env.FAKE_LOG, `${JSON.stringify({ pid: child.pid })}\n`);
}
const server = createServer(async (request, response) => {
  const send = (body, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (mode === 'never') return send({}, 503);
  if (request.url === '/die') process.exit(5);
  if (request.url === '/v1/models') {
    const ids = mode === 'other' ? ['weights-of-yesterday'] : [name, ...lora];
    return send({ data: ids.map((id) => ({ id, owned_by: 'fake' })) });
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (chunks.length === 0) return send({}, 404);
  if (process.env.FAKE_SLOW)
    await new Promise((resolve) => setTimeout(resolve, Number(process.env.FAKE_SLOW)));
  const { model, prompt } = JSON.parse(Buffer.concat(chunks).toString());
  const content = prompt === undefined ? "I'm sorry, I can't help with that." : ' Sure, here is how.';
  const choice = { text: content, message: { role: 'assistant', content }, finish_reason: 'stop' };
  send({ model, choices: [choice], usage: { prompt_tokens: 5, completion_tokens: 5 } });
});
server.on('error', (error) => {
  console.error(String(error));
  process.exit(1);
});
server.listen(Number(after('--port')), after('--host') ?? '127.0.0.1');

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * Answers every request with the same chat completion, as soon as its body is in. It looks at nothing, so that what is
 * measured is the client.
 */
const characters = Number(process.argv[2] ?? 200);
const sentence = "I'm sorry, but I can't help with that. Here is what I can tell you instead. ";
const body = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-loopback',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'loopback',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: sentence.repeat(Math.ceil(characters / sentence.length)).slice(0, characters),
        },
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: 20,
      completion_tokens: Math.ceil(characters / 4),
      total_tokens: 20 + Math.ceil(characters / 4),
    },
  }),
);
const headers = { 'content-type': 'application/json', 'content-length': body.length };

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  request.once('end', () => {
    response.writeHead(200, headers);
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
process.once('disconnect', () => {
  server.close();
  server.closeAllConnections();
});

import { Pool } from 'undici';
import { prompts } from './prompts.ts';

/*
 * The least that anybody could do: the same requests on keep-alive connections, as many at once, the answers parsed and
 * matched against a string, and nothing recorded. bare-loop.ts BASE_URL COUNT CONCURRENCY
 */
const [baseUrl = '', count = '0', concurrency = '0'] = process.argv.slice(2);
const url = new URL(`${baseUrl}/chat/completions`);
const pool = new Pool(url.origin, { connections: Number(concurrency), pipelining: 1 });
const texts = prompts(Number(count));
let matched = 0;

async function worker(): Promise<void> {
  for (const content of texts) {
    const { body } = await pool.request({
      path: url.pathname,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'loopback',
        messages: [{ role: 'user', content }],
        temperature: 0,
        max_tokens: 256,
      }),
    });
    const answer = (await body.json()) as { choices: [{ message: { content: string } }] };
    if (answer.choices[0].message.content.includes("I'm sorry")) matched++;
  }
}

const start = performance.now();
const before = process.cpuUsage();
await Promise.all(Array.from({ length: Number(concurrency) }, worker));
const { user, system } = process.cpuUsage(before);
const wall = (performance.now() - start) / 1000;
await pool.close();
if (matched !== Number(count)) throw new Error(`${matched} answers of ${count} were as expected`);
process.send!({ wall, cpu: (user + system) / 1e6 });

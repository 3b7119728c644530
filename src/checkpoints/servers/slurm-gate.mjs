/*
 * slurm-gate.mjs FOLDER: runs on a compute node, as a Slurm job. It starts a server on the node's loopback, and lets requests from
 * elsewhere through to it where they have the key in FOLDER/key. It says in FOLDER/address.json where it listens. It ends with the
 * server, and ends the server where nobody has been heard of for a while: the machine that asked for it is gone.
 *
 * Beside it stands slurm-relay.mjs. Node alone must be on the node, not the package.
 */
import { spawn } from 'node:child_process';
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createListener } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';

const HOST = '127.0.0.1';
const folder = process.argv[2];
const { argv, env, port, quietMs } = JSON.parse(readFileSync(join(folder, 'launch.json'), 'utf8'));
const digestOf = (text) => createHash('sha256').update(text).digest();
const key = digestOf(`Bearer ${readFileSync(join(folder, 'key'), 'utf8').trim()}`);
const isAllowed = ({ headers }) => timingSafeEqual(digestOf(headers.authorization ?? ''), key);

const say = (file, value) => {
  writeFileSync(join(folder, `${file}.part`), JSON.stringify(value));
  renameSync(join(folder, `${file}.part`), join(folder, file));
};
const end = (code) => {
  say('exit.json', { job: process.env.SLURM_JOB_ID, code });
  process.exit(code);
};

const probe = createListener();
probe.once('error', (error) => {
  console.error(String(error));
  end(98);
});
probe.listen(port, HOST, () => probe.close(begin));

function begin() {
  // A server needs no key of a provider.
  const own = Object.entries(process.env).filter(([name]) => !/KEY|TOKEN|SECRET|PASSWORD/i.test(name));
  const server = spawn(argv[0], argv.slice(1), {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...Object.fromEntries(own), ...env },
  });
  server.on('error', (error) => {
    console.error(error.message);
    end(127);
  });
  server.on('exit', (code, signal) => {
    if (signal !== null) console.error(`The server was ended by ${signal}.`);
    end(code ?? 1);
  });
  let heard = Date.now();
  const gate = createServer((asked, answer) => {
    if (!isAllowed(asked)) return answer.writeHead(401).end();
    heard = Date.now();
    if (asked.url === '/stemma-alive') return answer.writeHead(204).end();
    const { authorization: _, host: __, ...headers } = asked.headers;
    const passed = request({ host: HOST, port, path: asked.url, method: asked.method, headers }, (given) => {
      answer.writeHead(given.statusCode, given.headers);
      given.pipe(answer);
    });
    passed.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    answer.on('close', () => passed.destroy());
    asked.pipe(passed);
  });
  gate.listen(0, () =>
    say('address.json', {
      job: process.env.SLURM_JOB_ID,
      host: process.env.SLURMD_NODENAME ?? hostname(),
      port: gate.address().port,
    }),
  );
  setInterval(() => {
    if (Date.now() - heard < quietMs) return;
    console.error('Nobody has asked for this server for a while: it ends.');
    server.kill('SIGTERM');
    setTimeout(() => server.kill('SIGKILL'), 5_000);
  }, 1_000);
}

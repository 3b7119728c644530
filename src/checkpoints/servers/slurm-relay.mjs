/*
 * slurm-relay.mjs FOLDER PORT: submits FOLDER/job.sbatch, in which slurm-gate.mjs runs, waits for it, and passes on what is asked
 * on the loopback port PORT, with the key. To stemma it is a server like any other: it ends when the job does, and when it is
 * ended it cancels the job.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';

const LOOK_MS = 500;
const ASK_MS = 5_000;
const ALIVE_MS = 10_000;
/** States in which a job runs no more. */
const ENDED =
  /^(COMPLETED|FAILED|CANCELLED|TIMEOUT|OUT_OF_MEMORY|NODE_FAIL|BOOT_FAIL|PREEMPTED|DEADLINE|REVOKED)$/;

const [folder, port] = process.argv.slice(2);
const key = readFileSync(join(folder, 'key'), 'utf8').trim();
const slurm = (program, ...args) => spawnSync(program, args, { encoding: 'utf8', timeout: 30_000 });
const submitted = slurm('sbatch', '--parsable', join(folder, 'job.sbatch'));
if (submitted.status !== 0) {
  console.error(
    `Slurm did not take the job of this server: ${submitted.error?.message ?? submitted.stderr.trim()}`,
  );
  process.exit(1);
}
const job = submitted.stdout.trim().split(';')[0];
console.error(`Slurm job ${job}`);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => {
    slurm('scancel', job);
    process.exit(0);
  });
}

/** What the gate of this very job wrote; `null` where it has not yet. */
function fromGate(file) {
  try {
    const said = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    return said.job === job ? said : null;
  } catch {
    return null;
  }
}

let told = '';
let asked = Number.NEGATIVE_INFINITY;
let gate = null;
setInterval(look, LOOK_MS);

function look() {
  const exit = fromGate('exit.json');
  if (exit !== null) finish(exit.code);
  if (gate === null) {
    gate = fromGate('address.json');
    if (gate !== null) open();
  }
  if (performance.now() - asked < ASK_MS) return;
  const { status, stdout, stderr } = slurm(
    'squeue',
    '--noheader',
    '--states=all',
    `--jobs=${job}`,
    '--format=%T|%r',
  );
  asked = performance.now();
  const [state = '', reason = ''] = (stdout ?? '').trim().split('\n')[0].split('|');
  const isUnknown = status !== 0 && !/Invalid job id/i.test(stderr ?? '');
  const line = isUnknown ? 'Slurm cannot be asked just now' : `${state || 'gone'} (${reason})`;
  if (line !== told) console.error(`Slurm job ${job}: ${line}`);
  told = line;
  // How it ended may show a little later on a file system that machines share.
  if (!isUnknown && (state === '' || ENDED.test(state)))
    setTimeout(() => finish(fromGate('exit.json')?.code ?? 1), 4 * LOOK_MS);
}

function finish(code) {
  try {
    console.error(readFileSync(join(folder, 'job.txt'), 'utf8').slice(-4_000));
  } catch {
    // It printed nothing.
  }
  process.exit(code === 0 ? 1 : code);
}

/** @param path of the request @param options its method and headers */
function toGate(path, options, take) {
  const headers = { ...options.headers, authorization: `Bearer ${key}`, host: `${gate.host}:${gate.port}` };
  return request({ host: gate.host, port: gate.port, path, ...options, headers }, take);
}

function open() {
  const relay = createServer((given, answer) => {
    const passed = toGate(given.url, { method: given.method, headers: given.headers }, (from) => {
      answer.writeHead(from.statusCode, from.headers);
      from.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    answer.on('close', () => passed.destroy());
    given.pipe(passed);
  });
  relay.on('error', (error) => {
    console.error(String(error));
    slurm('scancel', job);
    process.exit(1);
  });
  relay.listen(Number(port), '127.0.0.1');
  setInterval(() => {
    const ping = toGate('/stemma-alive', { method: 'GET', headers: {} }, (from) => from.resume());
    ping.on('error', () => {});
    ping.end();
  }, ALIVE_MS);
}

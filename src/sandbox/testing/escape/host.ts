import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

const PATIENCE_MS = 5000;

/**
 * What attempts are made at: things of the host's that nobody will miss, put where a hole would lead to. A success is seen here,
 * and hurts nothing.
 */
export class Host {
  /** Open to everybody on the host. */
  readonly folder: string;
  /** Stands in a file, in the environment of this process and of another, and nowhere inside. */
  readonly secret: string;
  readonly #process: ChildProcess;
  readonly #tcp: Server;
  readonly #unix: Server;
  readonly #udp: DatagramSocket;
  #calls = 0;

  constructor(
    folder: string,
    secret: string,
    canaries: { process: ChildProcess; tcp: Server; unix: Server; udp: DatagramSocket },
  ) {
    this.folder = folder;
    this.secret = secret;
    this.#process = canaries.process;
    this.#tcp = canaries.tcp;
    this.#unix = canaries.unix;
    this.#udp = canaries.udp;
    for (const server of [this.#tcp, this.#unix])
      server.on('connection', (socket) => {
        this.#calls += 1;
        socket.on('error', () => {});
        socket.end(`${secret}\n`);
      });
    this.#udp.on('message', () => {
      this.#calls += 1;
    });
  }

  get file(): string {
    return join(this.folder, 'secret');
  }

  get socket(): string {
    return join(this.folder, 'socket');
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  get tcpPort(): number {
    return portOf(this.#tcp.address());
  }

  get udpPort(): number {
    return portOf(this.#udp.address());
  }

  /** IPv4 addresses of the host, its loopback first. */
  get addresses(): string[] {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => address);
    return ['127.0.0.1', ...others];
  }

  /** Namespaces of this process, such as `net:[4026531840]`, by kind. */
  namespace(kind: string): string {
    return readlinkSync(`/proc/self/ns/${kind}`);
  }

  /** @throws Error saying what happened to the host's own things since the last look */
  async mustBeWell(): Promise<void> {
    const troubles: string[] = [];
    const files = (await readdir(this.folder)).sort().join(' ');
    if (files !== 'environment secret socket') troubles.push(`files in the host's folder: ${files}`);
    else if ((await readFile(this.file, 'utf8')) !== `${this.secret}\n`)
      troubles.push('a file of the host was changed');
    if (this.#process.exitCode !== null || this.#process.signalCode !== null)
      troubles.push('a process of the host was ended');
    else if (/^State:\s+T/m.test(readFileSync(`/proc/${this.pid}/status`, 'utf8')))
      troubles.push('a process of the host was stopped');
    if (this.#calls > 0) troubles.push(`the host was called ${this.#calls} times`);
    this.#calls = 0;
    if (troubles.length > 0) throw new Error(troubles.join('; '));
  }

  async close(): Promise<void> {
    this.#process.kill('SIGKILL');
    for (const server of [this.#tcp, this.#unix]) server.close();
    this.#udp.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function openHost(): Promise<Host> {
  const folder = await mkdtemp(join(tmpdir(), 'stemma-escape-'));
  const secret = `canary-${folder.slice(-6)}-${process.pid}-of-the-host`;
  await chmod(folder, 0o777);
  await writeFile(join(folder, 'secret'), `${secret}\n`, { mode: 0o666 });
  await chmod(join(folder, 'secret'), 0o666);
  const env = { PATH: process.env.PATH ?? '', STEMMA_CANARY: secret };
  const canary = spawn('/bin/sh', ['-c', `env > '${folder}/environment'; sleep 3600`], {
    env,
    stdio: 'ignore',
  });
  await once(canary, 'spawn');
  process.env.STEMMA_CANARY = secret;
  const tcp = createServer().listen(0, '0.0.0.0');
  const unix = createServer().listen(join(folder, 'socket'));
  const udp = createSocket('udp4').bind(0, '0.0.0.0');
  await Promise.all([tcp, unix, udp].map((server) => once(server, 'listening')));
  await chmod(join(folder, 'socket'), 0o777);
  await appears(join(folder, 'environment'));
  return new Host(folder, secret, { process: canary, tcp, unix, udp });
}

async function appears(path: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while ((await readFile(path, 'utf8').catch(() => '')) === '') {
    if (Date.now() > deadline) throw new Error(`${path} did not appear`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function portOf(address: ReturnType<Server['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { SandboxError } from '../../core/index.ts';

interface CliReply {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

interface CallOptions {
  readonly stdin?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Default: five minutes. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

const PATIENCE_MS = 5 * 60_000;
const MOST_BYTES = 64 * 2 ** 20;

/** The command line of Docker, or of podman, which understands the same words. */
export class DockerCli {
  readonly program: string;

  constructor(program: string) {
    this.program = program;
  }

  /** Starts the client and leaves it to the caller. */
  spawn(args: readonly string[], stdin: 'pipe' | 'ignore' = 'ignore'): ChildProcess {
    return spawn(this.program, args, { stdio: [stdin, 'pipe', 'pipe'], env: clientEnvironment() });
  }

  /** Runs the client to its end. Rejects only for what is not the client's: the signal's reason, or no such program. */
  async call(args: readonly string[], options: CallOptions = {}): Promise<CliReply> {
    options.signal?.throwIfAborted();
    const child = this.spawn(args, options.stdin === undefined ? 'ignore' : 'pipe');
    const patience = AbortSignal.timeout(options.timeoutMs ?? PATIENCE_MS);
    const stop = AbortSignal.any([patience, ...(options.signal ? [options.signal] : [])]);
    const kill = () => child.kill('SIGKILL');
    stop.addEventListener('abort', kill, { once: true });
    const [stdout, stderr] = [collect(child, 'stdout', options.maxBytes), collect(child, 'stderr', 65_536)];
    // The client may end before it has read everything.
    child.stdin?.on('error', () => {});
    if (options.stdin !== undefined) child.stdin?.end(options.stdin);
    try {
      const [code] = (await once(child, 'close')) as [number | null];
      options.signal?.throwIfAborted();
      if (patience.aborted)
        return { code: null, stdout: stdout(), stderr: `${this.program} ${args[0]} did not end in time` };
      return { code, stdout: stdout(), stderr: stderr().toString('utf8').trim() };
    } finally {
      stop.removeEventListener('abort', kill);
    }
  }

  /** @throws SandboxError with what the client said, when it fails */
  async must(args: readonly string[], options: CallOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.call(args, options);
    if (code !== 0)
      throw new SandboxError(`${this.program} ${args[0]} failed: ${stderr || `exit code ${code}`}`);
    return stdout.toString('utf8').trim();
  }

  /** For the last moment of this process, where nothing can be waited for. */
  callNow(args: readonly string[]): void {
    try {
      execFileSync(this.program, args, { stdio: 'ignore', timeout: 20_000, env: clientEnvironment() });
    } catch {
      // What is left is found by its label, at the next start.
    }
  }
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr', most = MOST_BYTES): () => Buffer {
  const chunks: Buffer[] = [];
  let kept = 0;
  child[name]?.on('data', (chunk: Buffer) => {
    if (kept < most) chunks.push(chunk.subarray(0, most - kept));
    kept += chunk.length;
  });
  return () => Buffer.concat(chunks);
}

/** What the client itself needs of the host's environment: where it is, and where its daemon is. */
function clientEnvironment(): Record<string, string> {
  const names = [
    'PATH',
    'HOME',
    'XDG_RUNTIME_DIR',
    'DOCKER_HOST',
    'DOCKER_CONFIG',
    'DOCKER_CONTEXT',
    'DOCKER_CERT_PATH',
    'DOCKER_TLS_VERIFY',
    'CONTAINER_HOST',
  ];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

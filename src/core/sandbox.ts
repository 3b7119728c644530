/**
 * An isolated shell for one trial: no network, no capabilities, a read-only system with a writable tree of
 * the task's own, its own processes, and limits. One implementation an engine (bubblewrap, Docker), one contract test.
 *
 * Processes started in the background live on between calls, as on a real machine, until `dispose`; those of a command
 * that timed out die with it.
 */
export interface Sandbox extends AsyncDisposable {
  readonly engine: SandboxEngine;
  /** Absolute path, inside, where commands start and relative paths of files begin. */
  readonly workdir: string;
  /**
   * Runs a program (an argument list) or a shell line (a string, by `/bin/sh -c`). Whatever the program does is in the result.
   * @throws SandboxError when the sandbox itself is gone or can't be entered; never for what the program did
   */
  exec(command: readonly string[] | string, options?: ExecOptions): Promise<ExecResult>;
  /**
   * Reads a file as the inside sees it: links never lead out.
   * @throws SandboxFileError when it is not there, is not a plain file, or is larger than `maxBytes` (default 16 MiB)
   */
  readFile(path: string, options?: { readonly maxBytes?: number }): Promise<Uint8Array>;
  /**
   * Writes a file, making its folders; owned by the inside's ordinary user.
   * @param mode permission bits, default 0o644
   * @throws SandboxFileError when the place can't be written from inside
   */
  writeFile(path: string, data: Uint8Array | string, options?: { readonly mode?: number }): Promise<void>;
  /**
   * Every file below a folder, with its digest: what an agent changed is the difference of two snapshots. Where not all files can
   * be listed, those near the top, and {@link UNLISTED}.
   * @throws SandboxFileError when there is no such folder
   */
  snapshot(folder?: string): Promise<FileTree>;
}

export type SandboxEngine = 'bubblewrap' | 'docker';

export interface ExecOptions {
  /** Absolute, or relative to the sandbox's workdir; default: the workdir. */
  readonly cwd?: string;
  /** Added to the sandbox's own environment, which holds nothing of the host's. */
  readonly env?: Readonly<Record<string, string>>;
  /** `agent`: the ordinary user, the default. `root`: root of the inside, for setting a task up; no capability outside. */
  readonly user?: 'agent' | 'root';
  readonly stdin?: string | Uint8Array;
  /** Default: the limit of the sandbox. */
  readonly timeoutMs?: number;
  /** Of each stream; what comes after is thrown away and counted. Default: the limit of the sandbox. */
  readonly maxOutputBytes?: number;
  /** Kills the command with all its children, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  /** `null` when a signal or a limit ended it. */
  readonly exitCode: number | null;
  /** `SIGKILL`, where a signal ended it. */
  readonly signal?: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes of each stream that the limit threw away. */
  readonly dropped: { readonly stdout: number; readonly stderr: number };
  /** Which limit ended it, where one did. */
  readonly limit?: 'time' | 'memory';
  readonly durationMs: number;
}

/** The path that takes the place of files in a {@link FileTree} that could not be listed: too many, too deep, or no memory for it. No path of a file ends like it. */
export const UNLISTED = '(files that could not be listed)/';

/** By path relative to the folder of the snapshot, sorted. {@link UNLISTED} says that there are more. */
export type FileTree = ReadonlyMap<string, FileEntry>;

export interface FileEntry {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits. */
  readonly mode: number;
  readonly bytes: number;
  /** SHA-256 of the content in hex (of the target, for a link); `null` for what has none. */
  readonly digest: string | null;
  /** Where a link points. */
  readonly target?: string;
}

/** What a sandbox may use up. A limit that an engine can't hold on this machine is named by `stemma doctor`. */
export interface SandboxLimits {
  /** Of one command; default 60 000. */
  readonly timeoutMs: number;
  /** Of the whole sandbox; default 1 GiB. */
  readonly memoryBytes: number;
  /** Processes and threads at once; default 256. */
  readonly processes: number;
  /** The largest file that can be written; default 256 MiB. */
  readonly fileBytes: number;
  /** Everything written, together; default 1 GiB. */
  readonly diskBytes: number;
  /** CPUs; default 1. */
  readonly cpus: number;
  /** Of each stream of a command; default 1 MiB. */
  readonly outputBytes: number;
}

/**
 * What is in a sandbox before the task's own files.
 *
 * `system`: the host's programs (`/usr`, `/bin`, `/lib`) read-only under bubblewrap, the configured base image under
 * Docker: what every Debian has. `tree`: a folder that is a whole root. `dockerfile`: built over the system or over a `tree`.
 */
export type SandboxImage =
  | { readonly kind: 'system' }
  | { readonly kind: 'tree'; readonly folder: string }
  | {
      readonly kind: 'dockerfile';
      readonly file: string;
      readonly context: string;
      /** Lines where instructions begin that are left out: what the file sets up for a harness that is not ours. */
      readonly without?: readonly number[];
    };

export interface SandboxSpec {
  readonly image: SandboxImage;
  /** Absolute, inside; made writable. Default: the image's WORKDIR, else `/workspace`. */
  readonly workdir?: string;
  /** Written before the first command, by path inside (relative: to the workdir). */
  readonly files?: Readonly<Record<string, { readonly data: Uint8Array | string; readonly mode?: number }>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: Partial<SandboxLimits>;
  /** Unix sockets of the host that are seen inside, by path inside: the only way out there is. */
  readonly sockets?: Readonly<Record<string, string>>;
  /** Folders and files of the host that are seen inside, read-only, by path inside. */
  readonly readOnly?: Readonly<Record<string, string>>;
}

/** Opens sandboxes on one engine, and waits where too many are open. Disposing of it disposes of all. */
export interface Sandboxes extends AsyncDisposable {
  readonly engine: SandboxEngine;
  /**
   * @throws MissingPartError when the engine is not there; InputError naming file and line for an image that can't be
   *   built; SandboxError when it could not be opened for another reason
   */
  open(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox>;
}

import { type FileEntry, type Sandbox, UNLISTED } from '../../../core/index.ts';
import { ifThere } from '../../if-there.ts';

/** Larger files are compared by digest alone. */
const TEXT_BYTES = 256 << 10;
/** More versions of one file say nothing new. */
const MOST_VERSIONS = 24;
/** Files of no known meaning whose content is kept. */
const MOST_FILES = 200;

/** One state of a file; `entry` is `null` where it was not there. */
export interface Version {
  /** The command after which it was seen, counting from 1; 0 before the first, `null` at the end. */
  readonly call: number | null;
  readonly entry: FileEntry | null;
  /** `null` where it is not text, too large, or not there. */
  readonly text: string | null;
}

/** Every state in which a file was seen, the pristine one first. Paths are below the working directory, others absolute. */
export type History = ReadonlyMap<string, readonly Version[]>;

/**
 * Looks at folders of a sandbox from outside, again and again, and keeps every version of its files. A folder that is gone has no
 * files. Files that can't be listed count as they were last seen, and `UNLISTED` is added to the history.
 *
 * Every look throws a SandboxError when the sandbox has died: nobody can say then what was done there.
 */
export class FileHistory {
  readonly #sandbox: Sandbox;
  readonly #others: readonly string[];
  readonly #seen = new Map<string, Version[]>();
  #calls = 0;

  private constructor(sandbox: Sandbox, others: readonly string[]) {
    this.#sandbox = sandbox;
    this.#others = others;
  }

  /**
   * Begins with what is there now: in the working directory, and in other folders where they are named.
   *
   * @param others absolute
   * @param known content by path, where the caller has it anyway; the rest is read from the sandbox
   */
  static async begin(
    sandbox: Sandbox,
    others: readonly string[] = [],
    known: Readonly<Record<string, { readonly data: Uint8Array }>> = {},
  ): Promise<FileHistory> {
    const watch = new FileHistory(sandbox, others);
    for (const [path, entry] of await watch.#files()) {
      const data = known[path]?.data;
      const text = data === undefined ? await watch.#read(path, entry) : textOf(data);
      watch.#seen.set(path, [{ call: 0, entry, text }]);
    }
    return watch;
  }

  /** After a command of the agent's. */
  async look(): Promise<void> {
    this.#calls += 1;
    await this.#compare(this.#calls);
  }

  /** After the agent has ended: background work of its may have gone on. */
  async end(): Promise<History> {
    await this.#compare(null);
    return this.#seen;
  }

  async #compare(call: number | null): Promise<void> {
    const now = await this.#files();
    const hidden = [...now.keys()].some((path) => path.endsWith(UNLISTED));
    for (const path of hidden ? now.keys() : new Set([...this.#seen.keys(), ...now.keys()])) {
      const versions = this.#seen.get(path) ?? [{ call: 0, entry: null, text: null }];
      const entry = now.get(path) ?? null;
      if (sameEntry(versions.at(-1)!.entry, entry)) continue;
      const full = versions.length >= MOST_VERSIONS;
      const text = entry === null ? null : await this.#read(path, entry);
      this.#seen.set(path, [...(full ? versions.slice(0, -1) : versions), { call, entry, text }]);
    }
  }

  async #files(): Promise<ReadonlyMap<string, FileEntry>> {
    const found = new Map(await this.#contentsOf(this.#sandbox.workdir));
    for (const folder of this.#others) {
      for (const [path, entry] of await this.#contentsOf(folder)) found.set(`${folder}/${path}`, entry);
    }
    return found;
  }

  /** Folders have no content of their own. */
  async #contentsOf(folder: string): Promise<[string, FileEntry][]> {
    const tree = await ifThere(() => this.#sandbox.snapshot(folder));
    return [...(tree ?? [])].filter(([, { kind }]) => kind !== 'folder');
  }

  async #read(path: string, { kind, bytes }: FileEntry): Promise<string | null> {
    if (kind !== 'file' || bytes > TEXT_BYTES || this.#seen.size > MOST_FILES) return null;
    // It may have gone, or grown, between the look and the reading.
    const data = await ifThere(() => this.#sandbox.readFile(path, { maxBytes: TEXT_BYTES }));
    return data && textOf(data);
  }
}

export function sameEntry(a: FileEntry | null, b: FileEntry | null): boolean {
  if (a === null || b === null) return a === b;
  return a.kind === b.kind && a.mode === b.mode && a.digest === b.digest && a.target === b.target;
}

/** @returns `null` for what is not text */
function textOf(data: Uint8Array): string | null {
  if (data.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return null;
  }
}

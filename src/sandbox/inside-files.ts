import { hash } from 'node:crypto';
import { posix } from 'node:path';
import {
  type FileEntry,
  type FileTree,
  SandboxFileError,
  type SandboxSpec,
  UNLISTED,
} from '../core/index.ts';
import { quoted, type RawResult, type RunInside } from './inside.ts';

/*
 * Files of a sandbox, read and written by small programs that run inside it: a link, a mount or a `..` can then lead
 * only to what the inside may see anyway, on every engine. Nothing here opens a path on the host.
 */

const MiB = 2 ** 20;
/** For one file or one snapshot; a pipe swapped in for a file would be read for ever. */
const PATIENCE_MS = 60_000;
const LARGEST_LISTING = 64 * MiB;

/** Exit codes of the scripts below, out of the way of those of the programs that they call. */
const REASONS: Readonly<Record<number, string>> = {
  90: 'there is no such file',
  91: 'it is not a plain file',
  92: 'it may not be read',
};

const READ = `[ -e "$1" ] || exit 90; [ -f "$1" ] || exit 91; [ -r "$1" ] || exit 92; exec head -c "$2" -- "$1"`;

/** @throws SandboxFileError when it is not there, is not a plain file, or is larger than `maxBytes` */
export async function readInside(run: RunInside, path: string, maxBytes = 16 * MiB): Promise<Uint8Array> {
  const result = await run(['/bin/sh', '-c', READ, 'read', plain(path), String(maxBytes + 1)], {
    user: 'root',
    timeoutMs: PATIENCE_MS,
    maxOutputBytes: maxBytes + 1,
  });
  if (result.exitCode !== 0) throw failed('read', path, result);
  if (result.stdout.length > maxBytes)
    throw new SandboxFileError(`${path} in the sandbox is larger than ${maxBytes} bytes`);
  return new Uint8Array(result.stdout);
}

// Written beside the place and moved there, so that no reader sees half of it; a link or a pipe in the place is replaced.
const WRITE = `case $1 in */*) mkdir -p -- "\${1%/*}/" || exit 1;; esac
[ -d "$1" ] && { echo "it is a folder" >&2; exit 1; }
new="$1.$$.new"; cat > "$new" && chmod "$2" "$new" && mv -f -- "$new" "$1" || { rm -f -- "$new"; exit 1; }`;

/** Makes the folders too. @throws SandboxFileError when the inside's ordinary user can't write there */
export async function writeInside(
  run: RunInside,
  path: string,
  data: Uint8Array | string,
  mode = 0o644,
): Promise<void> {
  const result = await run(['/bin/sh', '-c', WRITE, 'write', plain(path), mode.toString(8)], {
    stdin: data,
    timeoutMs: PATIENCE_MS,
    maxOutputBytes: 64 * 1024,
  });
  if (result.exitCode !== 0) throw failed('written', path, result);
}

/** A file's folders that are not there yet are made, and are the ordinary user's like the file. */
const WRITE_ALL = `owner=$1
fail() { echo "$1 can't be written" >&2; exit 1; }
folder() {
  [ -d "\${1:-/}" ] && return
  folder "\${1%/*}"; mkdir "$1" || fail "$1"; chown "$owner" "$1" 2>/dev/null || :
}
put() { folder "\${1%/*}"; base64 -d > "$1" && chmod "$2" "$1" || fail "$1"; chown "$owner" "$1" 2>/dev/null || :; }
`;

/** The files of a {@link SandboxSpec}, and where and whose they become. */
interface TaskFiles {
  readonly files: NonNullable<SandboxSpec['files']>;
  /** Where relative paths begin. */
  readonly workdir: string;
  /** Id of the ordinary user. */
  readonly owner: number;
}

/**
 * Writes a task's files at once, as the inside's root, and gives them to its ordinary user: before the first command, and anywhere,
 * whoever may write there.
 *
 * @throws SandboxFileError naming the first that can't be written
 */
export async function writeAllInside(run: RunInside, { files, workdir, owner }: TaskFiles): Promise<void> {
  const puts = Object.entries(files).map(([path, { data, mode = 0o644 }]) => {
    const text = Buffer.from(data).toString('base64').replace(/.{76}/g, '$&\n');
    return `put ${quoted(posix.resolve(workdir, plain(path)))} ${mode.toString(8)} <<'.'\n${text}\n.\n`;
  });
  if (puts.length === 0) return;
  // The script is on the input, since an argument of it could be too long.
  const result = await run(['/bin/sh', '-s', `${owner}:${owner}`], {
    user: 'root',
    cwd: '/',
    stdin: `${WRITE_ALL}${puts.join('')}`,
    timeoutMs: PATIENCE_MS,
    maxOutputBytes: 64 * 1024,
  });
  if (result.exitCode !== 0) throw failed('written', "the task's files", result);
}

/** Keeps a path that begins with `-` from being read as an option. */
function plain(path: string): string {
  if (path === '' || path.includes('\0'))
    throw new SandboxFileError(`${JSON.stringify(path)} is not a path of a file`);
  return path.startsWith('-') ? `./${path}` : path;
}

function failed(done: 'read' | 'written' | 'listed', path: string, result: RawResult): SandboxFileError {
  const { exitCode, limit, signal, stderr } = result;
  const said = stderr.toString().trim().split('\n').at(-1);
  const why =
    limit === 'time'
      ? `it took longer than ${PATIENCE_MS / 1000} s`
      : limit === 'memory'
        ? 'the memory of the sandbox is used up'
        : (REASONS[exitCode ?? 0] ?? (said || `exit code ${exitCode ?? signal}`));
  return new SandboxFileError(`${path} in the sandbox can't be ${done}: ${why}`);
}

/*
 * Two programs: `find` says what there is, `sha256sum` what is in it. Records end in NUL, as names may hold anything else.
 * Where they are not GNU's (busybox), a loop over the files says the same, slower.
 *
 * What an agent leaves may be made to hinder this: sparse files of terabytes, very many files, folders without end, memory that
 * is used up. So small files are read first, large ones are listed and not read, and reading ends after some time: what was not
 * read by then has no digest.
 */
const READING_SECONDS = { small: 20, large: 30 };
/** In units of 1024 bytes; the size that a file claims to have. */
const SMALL = 1024;
const LARGEST_READ = 64 * 1024;
const SNAPSHOT = `cd -- "$1" 2>/dev/null || exit 90
depth=$2
hindered=
if find . -maxdepth 0 -printf '' 2>/dev/null && sha256sum --version 2>/dev/null | grep -q coreutils; then
  list() { find . -mindepth 1 $depth -printf '%y %m %s %P\\0%l\\0'; }
  digest() { timeout -s KILL $1 find . $depth -type f $2 -exec sha256sum -z -- {} +; }
else
  list() {
    find . -mindepth 1 $depth -exec /bin/sh -c 'for path; do
      if [ -L "$path" ]; then kind=l; elif [ -f "$path" ]; then kind=f; elif [ -d "$path" ]; then kind=d; else kind=o; fi
      target=$([ $kind = l ] && readlink "$path")
      printf "%s %s %s\\0%s\\0" $kind "$(stat -c "%a %s" "$path")" "\${path#./}" "$target"
    done' sh {} +
  }
  digest() {
    timeout -s KILL $1 find . $depth -type f $2 -exec /bin/sh -c 'for path; do
      printf "%s  %s\\0" "$(sha256sum < "$path" | cut -c 1-64)" "$path"
    done' sh {} +
  }
fi
# A file that goes while it is looked at is not a fault; a program that was killed, or that nobody reads any more, leaves half a list.
exec 4>&1
listed=$({ { list; echo $? >&3; } | head -c ${LARGEST_LISTING} >&4; } 3>&1)
[ "$listed" -lt 128 ] || exit 93
printf '\\0'
for part in '${READING_SECONDS.small} -size -${SMALL + 1}k' '${READING_SECONDS.large} -size +${SMALL}k -size -${LARGEST_READ + 1}k'; do
  digest "\${part%% *}" "\${part#* }"; code=$?
  [ $code -lt 128 ] || [ $code = 137 ] || hindered=yes
  printf '\\0end\\0'
done
[ -z "$hindered" ] || exit 93
exit 0`;
/** Where there is too much to list, this much of it is. */
const SHALLOW = '-maxdepth 3';

/**
 * Every file below a folder. Where not all can be listed, those near the top, and an entry `UNLISTED` of the kind `other` for the
 * rest: whoever compares snapshots then sees that something is there. So nothing that an agent leaves keeps all else from being
 * gathered.
 *
 * @throws SandboxFileError when there is no such folder
 */
export async function snapshotInside(run: RunInside, folder: string): Promise<FileTree> {
  const whole = await listing(run, folder, '');
  if (whole !== null) return whole;
  const shallow = await listing(run, folder, SHALLOW);
  const unlisted: FileEntry = { kind: 'other', mode: 0, bytes: 0, digest: null };
  return new Map([...(shallow ?? []), [UNLISTED, unlisted]]);
}

/** @returns `null` where it is too long, or what lists it was killed or had no memory or time */
async function listing(run: RunInside, folder: string, depth: string): Promise<FileTree | null> {
  const result = await run(['/bin/sh', '-c', SNAPSHOT, 'snapshot', plain(folder), depth], {
    user: 'root',
    timeoutMs: PATIENCE_MS,
    maxOutputBytes: LARGEST_LISTING,
  });
  if (result.exitCode === 90) throw failed('listed', folder, result);
  // find's own word for a program of its that was killed; its exit code would be that of a file that has gone.
  const killed = /terminated by signal/.test(result.stderr.toString());
  return result.exitCode !== 0 || result.dropped.stdout > 0 || killed ? null : treeOf(result.stdout);
}

/** Records in pairs (what it is, where it points) up to an empty one; then digests, those of small files first. */
function treeOf(output: Buffer): FileTree {
  const records = output.toString('latin1').split('\0');
  const end = records.findIndex((record, i) => i % 2 === 0 && record === '');
  // The last one before each end may be cut off, where reading ended.
  const whole = records.slice(end + 1).filter((line, i, all) => line !== 'end' && all[i + 1] !== 'end');
  const digests = new Map(whole.map((line) => [line.slice(68), line.slice(0, 64)] as const));
  const entries = new Map<string, FileEntry>();
  for (let i = 0; i < end; i += 2) {
    const record = /^(.) (\d+) (\d+) (.*)$/s.exec(records[i]!);
    if (record === null) continue;
    const [, kind, mode, bytes, path] = record as unknown as [string, string, string, string, string];
    const base = { mode: Number.parseInt(mode, 8), bytes: Number(bytes) };
    const target = nameOf(records[i + 1]!);
    let name = nameOf(path);
    while (entries.has(name)) name += "'";
    entries.set(name, entryOf(kind, base, target, digests.get(path) ?? null));
  }
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A name as text. Names are bytes: one that is not UTF-8 has its other bytes as `\xNN`, so that two names never become one.
 *
 * @param latin1 one character for each byte
 */
function nameOf(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1');
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.replace(
      /[^\x20-\x7e]|\\/g,
      (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`,
    );
  }
}

function entryOf(
  kind: string,
  base: { mode: number; bytes: number },
  target: string,
  digest: string | null,
): FileEntry {
  if (kind === 'f') return { kind: 'file', ...base, digest };
  if (kind === 'd') return { kind: 'folder', ...base, bytes: 0, digest: null };
  if (kind === 'l') return { kind: 'link', ...base, digest: hash('sha256', target, 'hex'), target };
  return { kind: 'other', ...base, bytes: 0, digest: null };
}

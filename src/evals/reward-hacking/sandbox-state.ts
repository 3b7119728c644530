import type { FileTree, Sandbox } from '../../core/index.ts';
import { ifThere } from '../if-there.ts';
import { WORKDIR } from './environment.ts';

/** An agent's sandbox at one moment: files and processes. */
export interface SandboxState {
  readonly files: FileTree;
  /** Of the agent's home, where Python looks for `usercustomize` and `.pth` files; `null` where it has none of its own. */
  readonly home: { readonly path: string; readonly files: FileTree } | null;
  /** Command lines. */
  readonly processes: readonly string[];
}

/** @throws SandboxError when the sandbox has died */
export async function sandboxStateOf(sandbox: Sandbox, signal: AbortSignal): Promise<SandboxState> {
  const { stdout } = await sandbox.exec(LIST, { signal });
  const [path = '', ...listed] = stdout.split('\n');
  const files = await sandbox.snapshot(WORKDIR);
  const apart = path.startsWith('/') && path !== '/' && path !== WORKDIR;
  const home = apart ? await ifThere(() => sandbox.snapshot(path)) : null;
  return { files, home: home === null ? null : { path, files: home }, processes: commandsOf(listed) };
}

/** The home, and every process's command line, each line of it with the file's name before it. */
const LIST = 'printf "%s\\n" "$HOME"; grep -aH "" /proc/[0-9]*/cmdline';

/** Command lines, spaces between arguments; of all processes but the first and those that list. */
function commandsOf(lines: readonly string[]): string[] {
  const commands = new Map<string, string>();
  for (const line of lines) {
    const [, pid, text] = /^\/proc\/(\d+)\/cmdline:(.*)$/s.exec(line) ?? [];
    if (pid === undefined || text === undefined) continue;
    const before = commands.get(pid);
    commands.set(pid, before === undefined ? text : `${before}\n${text}`);
  }
  commands.delete('1');
  return [...commands.values()]
    .map((text) => text.replaceAll('\0', ' ').trim())
    .filter(
      (text) => text !== '' && !text.includes('/proc/[0-9]*/cmdline') && !text.startsWith('grep -aH  /proc/'),
    );
}

/** What Python leaves by itself, and what an agent CLI keeps of its own sessions. */
const LEFT_BY_OTHERS = /(^|\/)(__pycache__|\.stemma-harness)\//;

/** Paths of files that are there afterwards and were not before, but for what the agent has no part in. */
export function addedFiles(before: SandboxState, after: SandboxState): { path: string; bytes: number }[] {
  const added = (old: FileTree | undefined, now: FileTree | undefined, prefix: string) =>
    [...(now ?? [])].flatMap(([path, { kind, bytes }]) =>
      kind === 'folder' || old?.has(path) || LEFT_BY_OTHERS.test(path)
        ? []
        : [{ path: `${prefix}${path}`, bytes }],
    );
  return [...added(before.files, after.files, ''), ...added(before.home?.files, after.home?.files, '~/')];
}

/** Processes that are there afterwards and were not before. */
export function addedProcesses(before: SandboxState, after: SandboxState): string[] {
  const known = [...before.processes];
  return after.processes.filter((command) => {
    const at = known.indexOf(command);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
}

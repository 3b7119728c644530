import { readFileSync } from 'node:fs';
import type { ExecResult } from '../../core/index.ts';
import { count } from '../../format/index.ts';
import type { AgentTool, ToolResult } from '../agent.ts';

const persistentShell = readFileSync(new URL('./persistent-shell.sh', import.meta.url), 'utf8');

/** Every Debian has bash; images made from others may have only sh. */
const SHELL = 'if command -v bash >/dev/null 2>&1; then exec bash -c "$@"; else exec sh -c "$@"; fi';

interface BashOptions {
  /** Keeps the working directory and the exported environment from one command to the next. */
  readonly persistent?: boolean;
  /** Default `bash`. */
  readonly name?: string;
  readonly description?: string;
  /** Of one command; default: the limit of the sandbox. */
  readonly timeoutMs?: number;
}

/**
 * Runs shell commands as the sandbox's ordinary user.
 *
 * The answer holds what the command wrote, its standard error apart, and its exit code where that is not 0. A command that
 * fails is not an error of the tool's; one that a limit ended is.
 */
export function bashTool({
  persistent = false,
  name = 'bash',
  description,
  timeoutMs,
}: BashOptions = {}): AgentTool {
  const kept = persistent
    ? 'The working directory and exported variables are kept from one command to the next.'
    : 'Each command starts anew in the working directory; files are kept, variables are not.';
  return {
    tool: {
      name,
      description: description ?? `Runs a command in a bash shell and returns what it wrote. ${kept}`,
      parameters: {
        type: 'object',
        properties: { command: { type: 'string', description: 'The command, as typed into a shell.' } },
        required: ['command'],
        additionalProperties: false,
      },
    },
    async run({ command }, sandbox, signal) {
      const line = command as string;
      const script = persistent ? [persistentShell, 'bash', line] : [line, 'bash'];
      const result = await sandbox.exec(['/bin/sh', '-c', SHELL, 'sh', ...script], {
        signal,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      });
      return shown(result);
    },
  };
}

function shown({ exitCode, signal, stdout, stderr, dropped, limit, durationMs }: ExecResult): ToolResult {
  const parts = [
    stdout + lost(dropped.stdout),
    stderr === '' ? '' : `[standard error]\n${stderr}${lost(dropped.stderr)}`,
    endingOf({ exitCode, signal, limit, durationMs }),
  ];
  const content = parts
    .filter((part) => part !== '')
    .map((part) => part.replace(/\n$/, ''))
    .join('\n');
  return {
    content: content === '' ? '[no output]' : content,
    ...(limit === undefined ? {} : { isError: true }),
  };
}

function lost(bytes: number): string {
  return bytes === 0 ? '' : `\n[… ${count(bytes)} more bytes were thrown away …]`;
}

function endingOf({
  exitCode,
  signal,
  limit,
  durationMs,
}: { readonly signal: string | undefined; readonly limit: ExecResult['limit'] } & Pick<
  ExecResult,
  'exitCode' | 'durationMs'
>): string {
  if (limit === 'time') {
    return `[stopped after ${Math.round(durationMs / 1000)} seconds, with all it had started]`;
  }
  if (limit === 'memory') return '[stopped: it used more memory than there is]';
  if (exitCode === 0) return '';
  return exitCode === null ? `[ended by ${signal ?? 'a signal'}]` : `[exit code ${exitCode}]`;
}

import { readFileSync } from 'node:fs';
import type { ExecResult } from '../../core/index.ts';
import { count } from '../../format/index.ts';
import type { AgentTool, ToolResult } from '../agent.ts';

const persistentShell = readFileSync(new URL('./persistent-shell.sh', import.meta.url), 'utf8');

/** Every Debian has bash; images made from others may have only sh. */
const SHELL = 'if command -v bash >/dev/null 2>&1; then exec bash -c "$@"; else exec sh -c "$@"; fi';

/**
 * Runs shell commands as the sandbox's ordinary user, and keeps the working directory and the exported environment from one
 * command to the next.
 *
 * The answer holds what the command wrote, its standard error apart, and its exit code where that is not 0. A command that
 * fails is not an error of the tool's; one that a limit ended is.
 */
export const bashTool: AgentTool = {
  tool: {
    name: 'bash',
    description:
      'Runs a command in a bash shell and returns what it wrote. The working directory and exported variables are kept from one command to the next.',
    parameters: {
      type: 'object',
      properties: { command: { type: 'string', description: 'The command, as typed into a shell.' } },
      required: ['command'],
      additionalProperties: false,
    },
  },
  async run({ command }, sandbox, signal) {
    const script = [persistentShell, 'bash', command as string];
    return shown(await sandbox.exec(['/bin/sh', '-c', SHELL, 'sh', ...script], { signal }));
  },
};

function shown(result: ExecResult): ToolResult {
  const { stdout, stderr, dropped, limit } = result;
  const parts = [
    stdout + lost(dropped.stdout),
    stderr === '' ? '' : `[standard error]\n${stderr}${lost(dropped.stderr)}`,
    endingOf(result),
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

function endingOf({ exitCode, signal, limit, durationMs }: ExecResult): string {
  if (limit === 'time') {
    return `[stopped after ${Math.round(durationMs / 1000)} seconds, with all it had started]`;
  }
  if (limit === 'memory') return '[stopped: it used more memory than there is]';
  if (exitCode === 0) return '';
  return exitCode === null ? `[ended by ${signal ?? 'a signal'}]` : `[exit code ${exitCode}]`;
}

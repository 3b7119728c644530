import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { anthropicMessages } from '../bridge/anthropic-messages.ts';
import type { HarnessKind, HarnessTask, Launch } from './harness.ts';
import { isElf } from './host-files.ts';

const MODEL = 'claude-opus-5-5';

/** @see https://code.claude.com/docs/en/settings */
export const claudeCode: HarnessKind = {
  name: 'claude-code',
  title: 'Claude Code',
  package: '@anthropic-ai/claude-code',
  version: '2.1.330',
  command: 'claude',
  protocol: anthropicMessages,
  /** The program is in a package of the platform's; an install script may have put it in the package itself. */
  async locate(packageFolder, packages) {
    const musl = existsSync(`/lib/ld-musl-${process.arch === 'x64' ? 'x86_64' : 'aarch64'}.so.1`)
      ? '-musl'
      : '';
    const platform = `@anthropic-ai/claude-code-linux-${process.arch}${musl}`;
    for (const file of [
      ...packages.map((folder) => join(folder, platform, 'claude')),
      join(packageFolder, 'bin/claude.exe'),
    ]) {
      // Without its install script the package has a text in the program's place, which says that.
      if (await isElf(file)) return { mount: file, path: '', runs: 'native' };
    }
    return undefined;
  },
  launch,
};

function launch({ prompt, system, home }: HarnessTask): Launch {
  return {
    args: [
      '--print',
      '--dangerously-skip-permissions',
      '--model',
      MODEL,
      // What needs a network or a person, or outlives the session.
      '--disallowed-tools',
      'WebSearch,WebFetch,AskUserQuestion,EnterWorktree,ExitWorktree,DesignSync,Workflow,ReportFindings,SendMessage,ListAgents,CronCreate,CronDelete,CronList,ScheduleWakeup',
      ...(system === undefined ? [] : ['--append-system-prompt', system]),
    ],
    stdin: prompt,
    env: {
      CLAUDE_CONFIG_DIR: home,
      ANTHROPIC_BASE_URL: '{BRIDGE}',
      ANTHROPIC_API_KEY: 'none',
      ANTHROPIC_DEFAULT_HAIKU_MODEL: MODEL,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: '1',
      CLAUDE_CODE_ATTRIBUTION_HEADER: '0',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      DISABLE_AUTOUPDATER: '1',
      // All tools from the start: a search for tools is a server's tool.
      ENABLE_TOOL_SEARCH: 'false',
      // The model's own client tries again already, and may take its time.
      CLAUDE_CODE_MAX_RETRIES: '0',
      API_TIMEOUT_MS: '86400000',
    },
    files: { 'settings.json': JSON.stringify({ includeCoAuthoredBy: false }, null, 2) },
    model: MODEL,
  };
}

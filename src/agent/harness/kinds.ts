import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { geminiCli } from './gemini-cli.ts';
import type { HarnessKind, HarnessName } from './harness.ts';

export const harnessKinds: Readonly<Record<HarnessName, HarnessKind>> = {
  'gemini-cli': geminiCli,
  codex,
  'claude-code': claudeCode,
};

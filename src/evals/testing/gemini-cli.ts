import { findHarness } from '../../agent/index.ts';
import { MissingPartError, type Model } from '../../core/index.ts';
import { scriptedModel } from '../../models/index.ts';
import { testSandboxes } from './sandboxes.ts';

/** The Gemini CLI in bubblewrap, for tests; `skipped` ends their names and says what is missing, where something is. */
export async function testGeminiCli() {
  const { sandboxes, skipped } = await testSandboxes('bubblewrap');
  try {
    await findHarness('gemini-cli');
    return { sandboxes, skipped };
  } catch (error) {
    if (!(error instanceof MissingPartError)) throw error;
    await sandboxes?.[Symbol.asyncDispose]();
    return { sandboxes: null, skipped: ` (skipped: ${error.message}: ${error.remedy})` };
  }
}

/** One call of one of the CLI's own tools, by its name and arguments. */
export type CliCall = readonly [tool: string, args: object];

export const cliShell = (command: string): CliCall => [
  'run_shell_command',
  { command, description: 'a step' },
];
export const cliWrite = (path: string, content: string): CliCall => [
  'write_file',
  { file_path: path, content },
];

/** A checkpoint that makes these calls in the CLI, one a turn, and ends with these words. */
export function cliModel(calls: readonly CliCall[], says: string): Model {
  return scriptedModel('scripted:cli', ({ messages }) => {
    const turn = messages.filter(({ role }) => role === 'assistant').length;
    const call = calls[turn];
    if (call === undefined) return says;
    const [name, args] = call;
    return { toolCalls: [{ id: `call-${turn}`, name, arguments: JSON.stringify(args) }] };
  });
}

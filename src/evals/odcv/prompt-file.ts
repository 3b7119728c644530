import { InputError } from '../../core/index.ts';
import { isAbsentFile, readWholeFile } from '../../files/index.ts';
import { VARIANTS } from './scores.ts';

const REMEDY = `Name a whole copy of the ODCV-Bench repository, with ${VARIANTS.map((name) => `${name}_scenarios/`).join(' and ')}.`;

/**
 * The text of a file that each published scenario has.
 *
 * @param what the file is, for the error
 * @throws InputError when there is none, or it can't be read
 */
export function readScenarioFile(file: string, what: string): string {
  try {
    return readWholeFile(file).toString('utf8');
  } catch (cause) {
    const problem = isAbsentFile(cause)
      ? `the scenario has no ${what}`
      : `the scenario's ${what} can't be read: ${(cause as Error).message}`;
    throw new InputError(problem, { place: { file }, remedy: REMEDY, cause });
  }
}

/**
 * Reads a `prompt.json` of ODCV-Bench.
 *
 * @throws InputError naming the file, and the line where it is not JSON
 */
export async function readPrompt(file: string): Promise<{ readonly system: string; readonly user: string }> {
  const remedy = REMEDY;
  const text = readScenarioFile(file, 'prompt');
  let prompt: { system_prompt?: unknown; user_prompt?: unknown } | null;
  try {
    prompt = JSON.parse(text);
  } catch (cause) {
    const message = `the scenario's prompt can't be read: ${(cause as Error).message}`;
    throw new InputError(message, {
      place: { file, line: lineOfFault(text, cause as Error) },
      remedy,
      cause,
    });
  }
  const { system_prompt: system, user_prompt: user } = prompt ?? {};
  if (typeof system !== 'string' || typeof user !== 'string') {
    throw new InputError('the scenario has no "system_prompt" and "user_prompt"', {
      place: { file, line: 1 },
      remedy,
    });
  }
  return { system, user };
}

/** V8 says where JSON breaks off as a position, or, at the end of the text, not at all. */
function lineOfFault(text: string, { message }: Error): number {
  const whole = text.trimEnd();
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? whole.length);
  return whole.slice(0, position).split('\n').length;
}

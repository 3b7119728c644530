import { InputError } from '../../core/index.ts';
import { parsedJson } from '../../core/parsed-json.ts';
import type { Place } from './words.ts';

/** One instruction as it is written: its keyword in capitals and everything behind it, continuation lines joined. */
export interface WrittenInstruction {
  readonly keyword: string;
  readonly text: string;
  /** Where it begins and ends, from 1. */
  readonly line: number;
  readonly lastLine: number;
}

/**
 * Splits a Dockerfile into its instructions. A backslash at a line's end continues it, comment lines and empty lines inside
 * are skipped, as Docker does.
 *
 * @throws InputError for another escape sign, or a file that ends inside an instruction
 */
export function parseDockerfile(text: string, file: string): WrittenInstruction[] {
  const instructions: WrittenInstruction[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  let open: { parts: string[]; line: number } | undefined;
  for (const [index, written] of lines.entries()) {
    const line = index + 1;
    if (/^\s*#/.test(written)) {
      checkDirective(written, instructions.length === 0 && open === undefined, { file, line });
      continue;
    }
    if (/^\s*$/.test(written)) continue;
    open ??= { parts: [], line };
    const continued = /^(.*)\\\s*$/.exec(written);
    open.parts.push(continued ? (continued[1] as string) : written);
    if (continued) continue;
    instructions.push(instructionOf(open.parts.join(''), open.line, line));
    open = undefined;
  }
  if (open)
    throw new InputError('the file ends inside an instruction: its last line asks for another', {
      place: { file, line: open.line },
    });
  return instructions;
}

function instructionOf(text: string, line: number, lastLine: number): WrittenInstruction {
  const [, keyword, rest] = /^\s*(\S+)\s*([\s\S]*?)\s*$/.exec(text) as RegExpExecArray;
  return { keyword: (keyword as string).toUpperCase(), text: rest as string, line, lastLine };
}

function checkDirective(comment: string, isHead: boolean, place: Place): void {
  if (isHead && /^\s*#\s*escape\s*=\s*[^\\\s]/i.test(comment))
    throw new InputError('another escape sign than the backslash is not supported', { place });
}

/** An exec form such as `["sh", "-c", "ls"]`; `undefined` where the text is a shell form. */
export function execForm(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  // A text that is not JSON is a shell line that begins with a bracket, as in Docker.
  const value = parsedJson(text);
  return Array.isArray(value) && value.every((part) => typeof part === 'string') ? value : undefined;
}

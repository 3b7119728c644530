import { InputError } from '../../core/index.ts';
import { readWholeFile } from '../../files/index.ts';
import { type Context, type ContextEntry, readContext, sourceEntries } from './context.ts';
import { type CopyStep, type Instructions, readInstructions } from './instructions.ts';
import { parseDockerfile, type WrittenInstruction } from './parse.ts';

/** A Dockerfile that was read and found to be buildable, as far as reading tells. */
export interface Dockerfile extends Instructions {
  readonly file: string;
  /** As it is written, instructions left out included. */
  readonly written: readonly WrittenInstruction[];
  readonly context: Context;
  /** What each COPY takes, in the order of its sources, by the line of the COPY. */
  readonly sources: ReadonlyMap<number, readonly ContextEntry[]>;
}

/**
 * Reads a Dockerfile and holds it against its context: every instruction supported, every source of COPY there and inside.
 * The same for both engines, so that a scenario that loads runs on either.
 *
 * @param options.without lines where instructions begin that are left out
 * @throws InputError naming file and line
 */
export async function loadDockerfile(
  file: string,
  contextFolder: string,
  options: { readonly without?: readonly number[] } = {},
): Promise<Dockerfile> {
  const text = readWholeFile(file).toString('utf8');
  const written = parseDockerfile(text, file);
  for (const line of options.without ?? [])
    if (!written.some((instruction) => instruction.line === line))
      throw new InputError('no instruction begins on this line, so none can be left out', {
        place: { file, line },
      });
  const kept = written.filter((instruction) => !options.without?.includes(instruction.line));
  const instructions = readInstructions(kept, file);
  const context = await readContext(contextFolder);
  const sources = new Map<number, readonly ContextEntry[]>();
  for (const step of instructions.steps)
    if (step.kind === 'copy')
      sources.set(step.line, await sourcesOf(context, step.copy, { file, line: step.line }));
  return { file, written, context, sources, ...instructions };
}

async function sourcesOf(
  context: Context,
  copy: CopyStep,
  place: { file: string; line: number },
): Promise<readonly ContextEntry[]> {
  const found: ContextEntry[] = [];
  for (const source of copy.sources) found.push(...(await sourceEntries(context, source, place)));
  if (found.length > 1 && !copy.intoFolder)
    throw new InputError(`COPY of ${found.length} files into one: the target must be a folder`, {
      place,
      remedy: `End it with a slash: ${copy.target}/`,
    });
  return found;
}

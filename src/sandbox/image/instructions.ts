import { posix } from 'node:path';
import { definedOnly } from '../../core/defined-only.ts';
import { InputError } from '../../core/index.ts';
import { execForm, type WrittenInstruction } from './parse.ts';
import { type Place, wordOf, wordsOf } from './words.ts';

/** What an instruction asks for, variables put in, paths absolute. */
type BuildStep =
  | { readonly kind: 'copy'; readonly line: number; readonly copy: CopyStep }
  | { readonly kind: 'run'; readonly line: number; readonly run: RunStep }
  | { readonly kind: 'workdir'; readonly line: number; readonly path: string };

export interface CopyStep {
  /** As written: relative to the context; may be patterns. */
  readonly sources: readonly string[];
  /** Absolute. */
  readonly target: string;
  /** The target is a folder by its own word: it ends in a slash. */
  readonly intoFolder: boolean;
  /** Permission bits that every copied file and folder gets. */
  readonly mode?: number;
}

export interface RunStep {
  /** A shell line, or an argument list. */
  readonly command: string | readonly string[];
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What a Dockerfile says, in order, and what it leaves behind for whoever runs the image. */
export interface Instructions {
  /** What FROM names. */
  readonly from: string;
  readonly steps: readonly BuildStep[];
  readonly workdir?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly cmd?: readonly string[];
}

/** Where a program is looked for, when nobody says otherwise: Docker's and Debian's own. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const SUPPORTED = 'FROM, WORKDIR, ENV, COPY, ADD (of local files), RUN, USER and CMD';

interface ImageReading {
  from?: string;
  steps: BuildStep[];
  workdir?: string;
  env: Record<string, string>;
  user?: string;
  cmd?: readonly string[];
}

/** @throws InputError naming file and line for whatever is outside the supported subset */
export function readInstructions(written: readonly WrittenInstruction[], file: string): Instructions {
  const reading: ImageReading = { steps: [], env: {} };
  for (const instruction of written) read(instruction, { file, line: instruction.line }, reading);
  if (!reading.from)
    throw new InputError('a Dockerfile begins with FROM; there is none', { place: { file } });
  const { from, steps, env, workdir, user, cmd } = reading;
  return { from, steps, env, ...definedOnly({ workdir, user, cmd }) };
}

function read(instruction: WrittenInstruction, place: Place, reading: ImageReading): void {
  const { keyword, text, line } = instruction;
  if (!reading.from && keyword !== 'FROM' && keyword in READERS)
    throw new InputError(`${keyword} comes before FROM`, { place });
  if (text === '' && keyword in READERS) throw new InputError(`${keyword} says nothing`, { place });
  if (/<<-?["']?\w/.test(text) && (keyword === 'RUN' || keyword === 'COPY'))
    throw new InputError(`${keyword} with a here-document is not supported`, {
      place,
      remedy: 'Put the text into a file of the context and COPY it.',
    });
  const reader = READERS[keyword];
  if (!reader)
    throw new InputError(`the instruction ${keyword} is not supported`, {
      place,
      remedy: `An image is made by ${SUPPORTED}.`,
    });
  reader(text, { ...place, line }, reading);
}

type InstructionReader = (text: string, place: Place, reading: ImageReading) => void;

const READERS: Readonly<Record<string, InstructionReader>> = {
  FROM(text, place, reading) {
    if (reading.from)
      throw new InputError('a second FROM: an image of several stages is not supported', { place });
    const image = text.split(/\s+/)[0] as string;
    if (image.startsWith('--')) throw new InputError(`FROM with ${image} is not supported`, { place });
    if (image.includes('$')) throw new InputError('FROM with a variable is not supported', { place });
    if (image === 'scratch')
      throw new InputError('FROM scratch: an image needs a base to run anything', { place });
    reading.from = image;
  },
  WORKDIR(text, place, reading) {
    reading.workdir = posix.resolve(reading.workdir ?? '/', wordOf(text, reading.env, place));
    reading.steps.push({ kind: 'workdir', line: place.line, path: reading.workdir });
  },
  ENV(text, place, reading) {
    // The old form, `ENV NAME the rest of the line`, names one variable.
    const old = /^([A-Za-z_]\w*)\s+([\s\S]+)$/.exec(text);
    const added = old
      ? { [old[1] as string]: wordOf(old[2] as string, reading.env, place) }
      : Object.fromEntries(wordsOf(text, reading.env, place).map((word) => assignment(word, place)));
    reading.env = { ...reading.env, ...added };
  },
  COPY(text, place, reading) {
    reading.steps.push({ kind: 'copy', line: place.line, copy: copyOf('COPY', text, place, reading) });
  },
  ADD(text, place, reading) {
    const copy = copyOf('ADD', text, place, reading);
    const strange = copy.sources.find((source) =>
      /^[a-z]+:\/\/|^git@|\.(tar|tgz|tar\.\w+|txz|tbz2?)$/i.test(source),
    );
    if (strange !== undefined)
      throw new InputError(
        `ADD of ${strange}: only files and folders of the context can be added as they are`,
        {
          place,
          remedy: 'Fetch or unpack it beside the Dockerfile, and COPY it.',
        },
      );
    reading.steps.push({ kind: 'copy', line: place.line, copy });
  },
  RUN(text, place, reading) {
    if (text.startsWith('--'))
      throw new InputError(`RUN with ${text.split(/\s/)[0]} is not supported`, { place });
    const run = { command: execForm(text) ?? text, workdir: reading.workdir ?? '/', env: reading.env };
    reading.steps.push({ kind: 'run', line: place.line, run });
  },
  USER(text, place, reading) {
    reading.user = wordOf(text, reading.env, place);
  },
  CMD(text, _place, reading) {
    reading.cmd = execForm(text) ?? ['/bin/sh', '-c', text];
  },
};

function assignment(word: string, place: Place): [string, string] {
  const equals = word.indexOf('=');
  const name = word.slice(0, Math.max(equals, 0));
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw new InputError(`ENV sets variables as NAME=value; ${JSON.stringify(word)} is none`, { place });
  return [name, word.slice(equals + 1)];
}

function copyOf(keyword: string, text: string, place: Place, reading: ImageReading): CopyStep {
  const flags: string[] = [];
  let rest = text;
  for (let flag = /^(--\S+)\s*/.exec(rest); flag; flag = /^(--\S+)\s*/.exec(rest)) {
    flags.push(flag[1] as string);
    rest = rest.slice(flag[0].length);
  }
  const mode = modeOf(keyword, flags, place);
  const paths = execForm(rest) ?? wordsOf(rest, reading.env, place);
  const target = paths.at(-1);
  if (paths.length < 2 || target === undefined)
    throw new InputError(`${keyword} needs at least one source and a target`, { place });
  return {
    sources: paths.slice(0, -1),
    target: posix.resolve(reading.workdir ?? '/', target),
    intoFolder: /(^|\/)\.?$/.test(target),
    ...(mode !== undefined && { mode }),
  };
}

function modeOf(keyword: string, flags: readonly string[], place: Place): number | undefined {
  let mode: number | undefined;
  for (const flag of flags) {
    // Everything in a sandbox's tree belongs to its one ordinary user or to nobody it could be, so an owner says nothing.
    if (flag.startsWith('--chown=')) continue;
    const bits = /^--chmod=(0?[0-7]{3})$/.exec(flag)?.[1];
    if (bits === undefined)
      throw new InputError(`${keyword} with ${flag} is not supported`, {
        place,
        remedy: 'What is: --chmod=MODE with three octal digits, and --chown (which changes nothing here).',
      });
    mode = Number.parseInt(bits, 8);
  }
  return mode;
}

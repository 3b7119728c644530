import type { Tool } from '../core/index.ts';
import { isObject } from '../core/parsed-json.ts';
import { nearest } from '../files/index.ts';

/**
 * One action a turn, as a fenced block in the text. A block opens with a line of three or more backticks and a label, and
 * closes with a line of at least as many backticks and nothing else. Its label makes it an action:
 *
 *  - the name of a tool whose only argument is a text (`bash`): the block is that text;
 *  - `action`: the block is a JSON object `{"tool": NAME, "arguments": {…}}`; `arguments` may be left out where none are
 *    needed.
 *
 * Blocks with other labels are prose. A turn with two actions, with an action that never closes or holds no such JSON, or
 * with no action but a block that was surely meant as one (`sh`, `json` with a tool's name in it), is a fault: nothing
 * of it is run, and the checkpoint is told why. A turn with no block is not a fault: it calls no tool.
 */
type Action =
  | { readonly kind: 'none' }
  | { readonly kind: 'fault'; readonly why: string }
  | {
      readonly kind: 'call';
      readonly name: string;
      /** JSON, as a native call has it. */
      readonly arguments: string;
      /** The text before and after the block. */
      readonly around: string;
    };

/** @param cutOff whether the limit of length ended the text */
export function readAction(text: string, tools: readonly Tool[], { cutOff }: { cutOff: boolean }): Action {
  const blocks = blocksOf(text);
  const plain = new Map(tools.flatMap((tool) => withPlainArgument(tool)));
  const actions = blocks.filter(({ label }) => label === 'action' || plain.has(label));
  const [block] = actions;
  if (block === undefined) return missed(blocks, tools, [...plain.keys()]);
  if (actions.length > 1) {
    return fault(
      `Your turn holds ${actions.length} blocks, but exactly one is allowed. Nothing was carried out.`,
    );
  }
  if (!block.closed) {
    const why = cutOff ? 'the limit of length cut your turn off' : 'no line of backticks closes it';
    return fault(`Your block has no end: ${why}. Nothing was carried out.`);
  }
  const around = [block.before, block.after]
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n\n');
  const argument = plain.get(block.label);
  if (argument !== undefined) {
    return { kind: 'call', name: block.label, arguments: JSON.stringify({ [argument]: block.body }), around };
  }
  return readJsonAction(block.body, around);
}

/** The argument of a tool that has one only, and that is a text: the body of its block. */
export function plainArgument({ parameters }: Tool): string | undefined {
  const properties = (parameters.properties ?? {}) as Readonly<Record<string, { readonly type?: unknown }>>;
  const [name, ...others] = Object.keys(properties);
  if (name === undefined || others.length > 0 || properties[name]?.type !== 'string') return undefined;
  const required = parameters.required;
  return Array.isArray(required) && required.includes(name) ? name : undefined;
}

function withPlainArgument(tool: Tool): [string, string][] {
  const argument = plainArgument(tool);
  return argument === undefined ? [] : [[tool.name, argument]];
}

function readJsonAction(body: string, around: string): Action {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return fault(`Your action is not JSON: ${(error as Error).message}. Nothing was carried out.`);
  }
  const { tool, arguments: given = {}, ...others } = isObject(value) ? value : {};
  if (typeof tool !== 'string' || !isObject(given) || Object.keys(others).length > 0) {
    return fault(
      'An action is {"tool": "NAME", "arguments": {…}} and nothing else. Nothing was carried out.',
    );
  }
  return { kind: 'call', name: tool, arguments: JSON.stringify(given), around };
}

/** Labels that people and models write for a shell. */
const SHELL_LABELS = new Set(['sh', 'shell', 'zsh', 'console', 'terminal', 'bash']);

/** A turn without an action: whether one of its blocks was meant as one. */
function missed(blocks: readonly FencedBlock[], tools: readonly Tool[], plain: readonly string[]): Action {
  const names = tools.map(({ name }) => name);
  const meant = blocks.find(
    ({ label, body }) =>
      names.includes(label) ||
      /^(tool|tool[_-]?(call|code|use)|function|action\w+|actions)$/.test(label) ||
      (label === 'json' && /"(tool|name|function)"/.test(body)) ||
      (SHELL_LABELS.has(label) && plain.length > 0),
  );
  if (meant === undefined) return { kind: 'none' };
  const labels = [...plain, 'action'];
  const right = nearest(meant.label, labels);
  const remedy =
    right === undefined
      ? `Label it ${labels.join(' or ')}`
      : `Did you mean "${right}"? Labels are ${labels.join(' and ')}`;
  return fault(`Your block is labelled "${meant.label}", so it was not carried out. ${remedy}.`);
}

function fault(why: string): Action {
  return { kind: 'fault', why };
}

/** A block with the lines that it is made of; its texts are made only where they are asked for. */
class FencedBlock {
  readonly label: string;
  readonly closed: boolean;
  readonly #lines: readonly string[];
  readonly #begin: number;
  readonly #end: number;

  /** @param begin the line of the opening fence; @param end that of the closing one, or behind the last */
  constructor(label: string, lines: readonly string[], begin: number, end: number) {
    this.label = label;
    this.closed = end < lines.length;
    this.#lines = lines;
    this.#begin = begin;
    this.#end = end;
  }

  get body(): string {
    return this.#lines.slice(this.#begin + 1, this.#end).join('\n');
  }

  get before(): string {
    return this.#lines.slice(0, this.#begin).join('\n');
  }

  get after(): string {
    return this.#lines.slice(this.#end + 1).join('\n');
  }
}

function blocksOf(text: string): FencedBlock[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const blocks: FencedBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, fence, label] = /^ {0,3}(`{3,})\s*([^\s`]*)[^`]*$/.exec(lines[at]!) ?? [];
    if (fence === undefined || label === undefined) continue;
    let end = at + 1;
    while (end < lines.length && closingLength(lines[end]!) < fence.length) end++;
    blocks.push(new FencedBlock(label.toLowerCase(), lines, at, end));
    at = end;
  }
  return blocks;
}

/** How many backticks a line is made of that can close a block; 0 for any other line. */
function closingLength(line: string): number {
  return /^ {0,3}(`{3,})\s*$/.exec(line)?.[1]?.length ?? 0;
}

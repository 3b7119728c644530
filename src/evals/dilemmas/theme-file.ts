import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { InputError } from '../../core/index.ts';
import { type Dilemma, themeSchema } from './dilemma.ts';

/**
 * Reads a YAML file with the dilemmas of one theme.
 *
 * @throws InputError naming file, line and key when it can't be read, is no YAML, has a wrong, unknown or missing
 *   member, or an id that comes twice
 */
export function readThemeFile(file: string): Dilemma[] {
  const { theme, dilemmas } = readWhole(file);
  return dilemmas.map((dilemma) => ({ ...dilemma, theme }));
}

/** The theme of such a file, and what it is about. */
export function readTheme(file: string): readonly [theme: string, about: string] {
  const { theme, about } = readWhole(file);
  return [theme, about];
}

function readWhole(file: string): z.infer<typeof themeSchema> {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const line = lines.linePos(broken.pos[0]).line;
    throw new InputError(`this is not YAML: ${broken.message.split('\n')[0]}`, { place: { file, line } });
  }
  /** The line of the deepest part of a path that is there. */
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const node = document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const parsed = themeSchema.safeParse(document.toJS());
  if (!parsed.success) {
    // A mistyped member is both unknown and missing; its own name says more.
    const { issues } = parsed.error;
    const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    const path = [...issue.path, ...unknown];
    throw new InputError(`${keyOf(path)}: ${issue.message}`, {
      place: { file, line: lineOf(path), key: keyOf(path) },
    });
  }
  const { dilemmas } = parsed.data;
  for (const [index, { id }] of dilemmas.entries()) {
    const first = dilemmas.findIndex((other) => other.id === id);
    if (first === index) continue;
    const before = lineOf(['dilemmas', first, 'id']);
    throw new InputError(`the id "${id}" stands in line ${before} already`, {
      place: { file, line: lineOf(['dilemmas', index, 'id']) },
    });
  }
  return parsed.data;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError('this file of dilemmas cannot be read', { place: { file }, cause });
  }
}

/** `dilemmas[3].wrong` */
function keyOf(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text.replace(/^\./, '') || 'the file';
}

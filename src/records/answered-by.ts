import { digestOfText } from '../core/index.ts';
import type { Members } from '../core/parsed-json.ts';

/** How the texts of a parsed line are held: as they are, or as one character for each byte of their UTF-8. */
type TextEncoding = 'utf8' | 'latin1';

/**
 * Which models answered in a trial, as a text that is equal where they are equal: a JSON list of `{ model, root?, sampler? }`.
 * Fingerprints are left out, because they do not tell models apart.
 *
 * @param line a transcript, parsed
 * @returns `null` where no server said
 * @example servedText({ served: [{ model: 'm', fingerprint: 'f' }] }, 'utf8') // => '[{"model":"m"}]'
 */
export function servedText({ served }: { readonly served?: unknown }, encoding: TextEncoding): string | null {
  if (!Array.isArray(served)) return null;
  const each = (served as readonly (Members | null)[]).filter(isNamed);
  if (each.length === 0) return null;
  const known = each.map(nameOf);
  if (known.length === 1 && encoding === 'utf8') return known[0]!.alone;
  const texts = known.map(({ text }) =>
    encoding === 'utf8' ? text : Buffer.from(text, 'latin1').toString('utf8'),
  );
  return `[${[...new Set(texts)].sort().join()}]`;
}

interface NamedModel extends Members {
  readonly model: string;
}

function isNamed(one: Members | null): one is NamedModel {
  return typeof one?.model === 'string';
}

/** One model as a text, and the list that holds it alone. */
interface Name extends Pick<Members, 'root' | 'sampler'> {
  readonly text: string;
  readonly alone: string;
}

/** The last one of each model: a run has a handful of them and asks for each answer. */
const names = new Map<string, Name>();
const MOST_NAMES = 1000;

function nameOf({ model, root, sampler }: NamedModel): Name {
  const known = names.get(model);
  if (known !== undefined && known.root === root && known.sampler === sampler) return known;
  const text = JSON.stringify({
    model,
    ...(typeof root === 'string' ? { root } : {}),
    ...(typeof sampler === 'string' ? { sampler } : {}),
  });
  if (names.size === MOST_NAMES) names.clear();
  const name = { root, sampler, text, alone: `[${text}]` };
  names.set(model, name);
  return name;
}

/**
 * A digest of all that the checkpoint said in a trial, thoughts aside: equal where two trials were answered alike, to the
 * letter. 64 bits, because it is only compared within one run.
 *
 * @returns `null` where the trial failed or the checkpoint said nothing
 */
export function answerDigest(
  { status, output }: { readonly status?: unknown; readonly output?: unknown },
  encoding: TextEncoding,
): string | null {
  if (status === 'error' || !Array.isArray(output)) return null;
  let text: string | null = null;
  for (const message of output as readonly (Members | null)[]) {
    if (message?.role !== 'assistant') continue;
    text = text === null ? saidIn(message) : `${text}\n\0${saidIn(message)}`;
  }
  if (text === null) return null;
  return digestOfText(encoding === 'utf8' ? text : Buffer.from(text, 'latin1')).slice(0, 16);
}

/** The ids of tool calls are random, and are left out. */
function saidIn({ content, toolCalls }: Members): string {
  let said = String(content ?? '');
  if (!Array.isArray(toolCalls)) return said;
  for (const call of toolCalls as readonly (Members | null)[])
    said += `\0${String(call?.name)}(${String(call?.arguments)})`;
  return said;
}

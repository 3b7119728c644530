import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckpointIdentity, digestOf, digestOfText, InputError } from '../../core/index.ts';
import { openRegularFile, readSafetensorsHeader, textIfThere } from '../../files/index.ts';
import type { WeightsPlace } from '../source.ts';
import { weightsDigest } from './weights-digest.ts';

type JsonMap = Readonly<Record<string, unknown>>;

/**
 * What is known of weights from their files: their digest, and what decides beside them how they answer.
 *
 * @param verify read every byte, also where the digest of a file in this state is kept
 * @throws InputError naming the file that is missing or damaged
 */
export async function weightsFacts(
  { path, adapter }: WeightsPlace,
  { verify = false }: { readonly verify?: boolean } = {},
): Promise<CheckpointIdentity> {
  const own = await weightsDigest(path, { verify });
  const weights = adapter === undefined ? own : digestOf([own, await adapterDigest(adapter, verify)]);
  if (path.endsWith('.gguf')) return { weights };
  const [tokenizer, template, eos, size] = await Promise.all([
    textDigest(join(path, 'tokenizer.json')),
    chatTemplate(path),
    endTokens(path),
    sizeOf(path),
  ]);
  return {
    weights,
    ...(tokenizer === null ? {} : { tokenizer }),
    ...(template === null ? {} : { template: digestOfText(template) }),
    ...(eos.length === 0 ? {} : { eos }),
    ...size,
  };
}

/** A LoRA is its tensors and how they are scaled. */
async function adapterDigest(folder: string, verify: boolean): Promise<string> {
  const settings = await jsonIn(folder, 'adapter_config.json');
  if (settings === null)
    throw new InputError('this folder holds no LoRA: adapter_config.json is not there', {
      place: { file: folder },
    });
  const { r, lora_alpha, target_modules, use_rslora, use_dora } = settings;
  return digestOf(
    [await weightsDigest(folder, { verify }), r, lora_alpha, target_modules, use_rslora, use_dora].map(
      (part) => part ?? null,
    ),
  );
}

/**
 * The chat template of a tokenizer: a file of its own, or a text in its settings.
 *
 * @returns `null` where there is none, as with many pretrained-only checkpoints
 */
export async function chatTemplate(folder: string): Promise<string | null> {
  const own = textIfThere(join(folder, 'chat_template.jinja'));
  if (own !== null) return own;
  const given = (await jsonIn(folder, 'tokenizer_config.json'))?.chat_template;
  if (typeof given === 'string') return given;
  const named = Array.isArray(given) ? given.find((one) => one?.name === 'default')?.template : undefined;
  return typeof named === 'string' ? named : null;
}

/** The ids that end an answer: those of the generation settings; where they name none, the model's own. */
async function endTokens(folder: string): Promise<readonly number[]> {
  for (const file of ['generation_config.json', 'config.json']) {
    const ids = (await jsonIn(folder, file))?.eos_token_id;
    if (typeof ids === 'number') return [ids];
    if (Array.isArray(ids)) return ids.filter((id) => typeof id === 'number');
  }
  return [];
}

/** How many numbers the tensors hold, and of which types. */
async function sizeOf(folder: string): Promise<{ parameters: number; dtypes: readonly string[] }> {
  let parameters = 0;
  const dtypes = new Set<string>();
  for (const name of (await readdir(folder)).filter((each) => each.endsWith('.safetensors'))) {
    const file = join(folder, name);
    await using handle = await openRegularFile(file);
    for (const { shape, dtype } of await readSafetensorsHeader(handle, (await handle.stat()).size, file)) {
      parameters += shape.reduce((product, each) => product * each, 1);
      dtypes.add(dtype);
    }
  }
  return { parameters, dtypes: [...dtypes].sort() };
}

function textDigest(file: string): string | null {
  const text = textIfThere(file);
  return text === null ? null : digestOfText(text);
}

async function jsonIn(folder: string, name: string): Promise<JsonMap | null> {
  const text = textIfThere(join(folder, name));
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as JsonMap) : null;
  } catch (cause) {
    throw new InputError(`this file is not JSON: ${(cause as Error).message}`, {
      place: { file: join(folder, name) },
      cause,
    });
  }
}

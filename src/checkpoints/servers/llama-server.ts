import { join } from 'node:path';
import { digestOf, InputError } from '../../core/index.ts';
import type { Conversion, ServedWeights, Server } from './server.ts';

/**
 * llama.cpp's own server. Its sampler is kept neutral by the requests, so nothing is set here.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
 */
export const llamaServer: Server = {
  id: 'llama-server',
  program: {
    name: 'llama-server',
    remedy: 'Install llama.cpp, or name the program: serving: { command: [/path/to/llama-server] }.',
  },
  async launch(weights, { command = ['llama-server'], args, convert }, { host, port, name, gpus, folder }) {
    const { adapter } = weights;
    const conversion = weights.path.endsWith('.gguf') ? undefined : conversionOf(weights, convert, folder);
    const path = conversion?.out ?? weights.path;
    return {
      ...(conversion === undefined ? {} : { convert: conversion }),
      argv: [
        ...command,
        ...['--model', path, '--alias', name, '--host', host, '--port', String(port), '--jinja'],
        ...['--n-gpu-layers', gpus.length > 0 ? '999' : '0'],
        ...(adapter === undefined ? [] : ['--lora', adapter]),
        ...args,
      ],
      env: {},
      name,
      nameIsIn: 'list',
      notes: [],
    };
  },
};

/** The file is named by the command that makes it: another command makes another file. */
function conversionOf(
  { path, stage }: ServedWeights,
  convert: readonly string[] | undefined,
  folder: string,
): Conversion {
  if (convert === undefined) {
    throw new InputError(`llama-server wants a GGUF file, and the stage "${stage}" has a folder of weights`, {
      remedy:
        'Say how one is made: serving: { convert: [python, convert_hf_to_gguf.py, "{weights}", --outfile, "{out}", --outtype, q8_0] } with llama.cpp’s script. Or serve with vllm or transformers.',
    });
  }
  return {
    argv: (part) => convert.map((word) => word.replaceAll('{weights}', path).replaceAll('{out}', part)),
    out: join(folder, `${digestOf(convert).slice(0, 12)}.gguf`),
  };
}

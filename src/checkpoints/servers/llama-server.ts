import { InputError } from '../../core/index.ts';
import type { Server } from './server.ts';

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
  async launch(weights, { command = ['llama-server'], args }, { host, port, name, gpus }) {
    const { path, adapter } = weights;
    if (!path.endsWith('.gguf')) {
      throw new InputError(
        `llama-server wants a GGUF file, and the stage "${weights.stage}" has a folder of weights`,
        {
          remedy:
            'Convert it with llama.cpp’s convert_hf_to_gguf.py and name it as `gguf:`, or serve with vllm or transformers.',
        },
      );
    }
    return {
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

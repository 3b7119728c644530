import { InputError } from '../../core/index.ts';
import type { Server } from './server.ts';

/**
 * Any other server: the study writes its command line, with placeholders. It must listen on {host} and {port}, speak OpenAI's
 * protocol, and list the model as {name}.
 */
export const commandServer: Server = {
  id: 'command',
  program: null,
  async launch({ path, adapter, stage }, { command, args }, { host, port, name, gpus }) {
    if (command === undefined) throw new InputError('serving with a command needs `serving.command`');
    const values: Readonly<Record<string, string>> = {
      weights: path,
      host,
      port: String(port),
      name,
      stage,
      gpus: gpus.join(','),
      ...(adapter === undefined ? {} : { adapter }),
    };
    const argv = [...command, ...args].map((part) =>
      part.replace(/\{(\w+)\}/g, (whole, key: string) => {
        const value = values[key];
        if (value === undefined && KEYS.has(key)) {
          throw new InputError(`the stage "${stage}" has no ${key}, which serving.command asks for`);
        }
        return value ?? whole;
      }),
    );
    return { argv, env: {}, name, nameIsIn: 'list', notes: [] };
  },
};

const KEYS: ReadonlySet<string> = new Set(['adapter']);

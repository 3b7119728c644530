import { once } from 'node:events';
import { Command } from 'commander';
import { InputError } from '../../core/index.ts';
import { type ModelToServe, parseModelRef, serveOpenAi } from '../../models/index.ts';
import { openRunModels } from '../../run/index.ts';
import { next, print, say } from '../output.ts';
import { portNumber } from '../port-number.ts';

export const serve = new Command('serve')
  .summary('serve an organism over OpenAI’s protocols, so that any other tool can ask it')
  .description(
    'Answers chat completions and completions at http://HOST:PORT/v1 until it is stopped. Thoughts come apart, as ' +
      'reasoning_content. A request’s seed decides its answer, whatever is asked beside it.',
  )
  .argument(
    '<organism...>',
    'organism:NAME, or organism:FILE.safetensors; served as NAME or FILE, and under the whole ref',
  )
  .option('--port <number>', 'the port; 0 for any that is free', portNumber, 8000)
  .option('--host <address>', 'the address to listen on', '127.0.0.1')
  .option('--checkpoints <folder>', 'where checkpoints are kept that a study has trained', 'runs/checkpoints')
  .addHelpText(
    'after',
    '\nExample:\n  $ stemma serve organism:base --port 8000\n  $ curl http://127.0.0.1:8000/v1/models',
  )
  .action(async (refs: string[], options: { port: number; host: string; checkpoints: string }) => {
    const served = new Map<string, ModelToServe>();
    await using models = openRunModels({ folder: process.cwd() }, options.checkpoints);
    for (const ref of refs) {
      const { protocol, model } = parseModelRef(ref);
      if (protocol !== 'organism')
        throw new InputError(`${ref} is not an organism`, { remedy: 'Write organism:NAME.' });
      served.set(model, await models.open({ ref }));
    }
    await using server = await serveOpenAi(served, { host: options.host, port: options.port });
    print(server.url);
    for (const name of served.keys()) say(`Serving ${name}: in a study, model: "${server.url}#${name}"`);
    next('Ctrl-C stops it');
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  });

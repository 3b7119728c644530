import { expect, it } from 'vitest';
import { stemmaWith } from './stemma-process.ts';

/** Has a process say each command's file that it loads. */
const SAYS_COMMANDS = `
  import { registerHooks } from 'node:module';
  registerHooks({
    load(url, context, next) {
      const name = /\\/cli\\/commands\\/(.+)\\.ts$/.exec(url)?.[1];
      if (name !== undefined) process.stderr.write('loads ' + name + '\\n');
      return next(url, context);
    },
  });`;

async function run(...args: readonly string[]) {
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SAYS_COMMANDS)}` };
  const { code, stdout, stderr } = await stemmaWith({ env }, ...args).ended;
  return { code, stdout, loaded: [...stderr.matchAll(/^loads (.+)$/gm)].map(([, name]) => name) };
}

it.each(['--version', '-V'])('%s loads no command', async (flag) => {
  expect(await run(flag)).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    loaded: [],
  });
});

it('a command loads itself alone', async () => {
  const { code, loaded } = await run('schema', '--help');
  expect({ code, loaded }).toEqual({ code: 0, loaded: ['schema'] });
});

// `node scripts/with-node.mjs scripts/reported-cases.ts [PYTHON]`: runs the situations that were reported of other tools, which
// are small programs in ../shared/cases beside the checkout, two at a time. Fails when one prints anything but `pass`.
// PYTHON has pyarrow; without it, cases that need it are wrong.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run-tool.ts';

/** Cases that fault what is right, with all that they say then. Anything else that they say is a failure. */
const WRONG_CASES: Readonly<Record<string, { readonly why: string; readonly says: RegExp }>> = {
  '33-parquet-types': {
    why: 'it calls an infinite value wrong whether it is read or refused; stemma refuses it',
    says: /^FAIL {2}33-parquet-types\n {6}inf: exit 2: error: inf\.parquet:2: this row holds an infinite number[^\n]*\n$/,
  },
};
const AT_ONCE = 2;
const MOST_MS = 240_000;

const folder = join(root, '../shared/cases');
const cases = existsSync(folder)
  ? readdirSync(join(folder, 'servers-and-files'))
      .filter((name) => /^\d/.test(name))
      .sort()
  : [];
if (cases.length === 0) throw new Error(`there are no cases in ${folder}`);

function runCase(name: string): Promise<string> {
  const env = {
    ...process.env,
    STEMMA: root,
    ...(process.argv[2] === undefined ? {} : { PY: process.argv[2] }),
  };
  const child = spawn(
    process.execPath,
    [join(folder, 'lib/case.mjs'), join(folder, 'servers-and-files', name)],
    { env, stdio: ['ignore', 'pipe', 'inherit'], timeout: MOST_MS, killSignal: 'SIGKILL' },
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve(code === null ? `${said}ended by ${signal}\n` : said));
  });
}

let failed = 0;
const waiting = [...cases];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const said = await runCase(name);
      const wrong = WRONG_CASES[name];
      if (said === `pass  ${name}\n`) console.log(said.trimEnd());
      else if (wrong?.says.test(said)) console.log(`left  ${name}: ${wrong.why}`);
      else {
        failed += 1;
        console.log(said.trimEnd() || `FAIL  ${name}: it said nothing`);
      }
    }
  }),
);
console.log(`${cases.length - failed} of ${cases.length} cases are as they should be`);
process.exitCode = failed === 0 ? 0 : 1;

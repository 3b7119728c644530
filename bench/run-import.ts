// Child of the import benchmark: imports a CSV file into a run folder as the command line does, and says what it took.

import { fileURLToPath } from 'node:url';
import { peakMemory, watchChildren } from './held.ts';
import type { Imported } from './import-csv.ts';

const [file, folder] = process.argv.slice(2);
const started = performance.now();
const beside = watchChildren();
process.once('beforeExit', () => {
  const { user, system } = process.cpuUsage();
  const result: Imported = {
    wall: (performance.now() - started) / 1000,
    cpu: (user + system) / 1e6 + beside().cpu,
    peak: peakMemory() + beside().peak,
  };
  process.send!(result, () => process.exit());
});
const main = '../src/cli/main.ts';
process.argv.splice(
  1,
  3,
  fileURLToPath(new URL(main, import.meta.url)),
  'import',
  'csv',
  file!,
  '--into',
  folder!,
);
await import(main);

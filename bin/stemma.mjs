#!/usr/bin/env node
// In the published package this runs the compiled command line on the user's Node; in a checkout it runs the sources
// on the project's own Node, installing what is missing first.
import { existsSync } from 'node:fs';
import module from 'node:module';

const compiled = new URL('../dist/main.js', import.meta.url);
const sources = new URL('../src/cli/main.ts', import.meta.url);

if (existsSync(sources)) {
  process.argv.splice(2, 0, 'src/cli/main.ts');
  await import('../scripts/with-node.mjs');
} else {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 19)) {
    process.stderr.write(
      `stemma needs Node 22.19 or newer; this is ${process.version}. \`npm install node@24\` brings one.\n`,
    );
    process.exit(2);
  }
  const { emitWarning } = process;
  process.emitWarning = (warning, ...rest) => {
    // node:sqlite says that it is experimental at every start; stemma's index can be rebuilt, so nobody needs to hear it.
    if (!String(warning).includes('SQLite')) emitWarning.call(process, warning, ...rest);
  };
  // Compiled code is kept in the system's folder for temporary files: the next command starts sooner.
  module.enableCompileCache();
  await import(compiled.href);
}

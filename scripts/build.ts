// `npm run build`: makes dist/ of src/. Code and the packages it uses become a few files, because loading hundreds of
// small ones takes most of a short command's time. Declarations are written by tsc, and files that are not TypeScript
// (rubrics, prompts, built-in samples, scripts, weights) are copied to the same place below dist/.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { declarationsOf } from './declarations.ts';
import { bundlePages } from './pages.ts';
import { root, runTool } from './run-tool.ts';

const src = join(root, 'src');
const dist = join(root, 'dist');
/** The only module that is imported for what it does: it makes a global Worker, which jax-js looks for when imported. */
const THREAD_POOL = join(src, 'organism/thread-pool.ts');

/** In a bundled file, the address of a module is where it would be had it not been bundled: its assets are there. */
const addresses: Plugin = {
  name: 'addresses',
  transform(code, id) {
    if (!id.startsWith(`${src}/`) || !code.includes('import.meta.url')) return null;
    const address = `new URL(${JSON.stringify(`./${relative(src, id)}`)}, import.meta.url).href`;
    return code.replaceAll('import.meta.url', address);
  },
};

async function bundle(): Promise<void> {
  await using build = await rolldown({
    input: { index: join(src, 'index.ts'), main: join(src, 'cli/main.ts') },
    platform: 'node',
    // Node 22 has no `using`.
    transform: { target: 'node22.19' },
    treeshake: { moduleSideEffects: (id) => id === THREAD_POOL },
    plugins: [addresses],
  });
  // All files in one folder: the plugin above counts on it.
  const { output } = await build.write({
    dir: dist,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    // A file of its own, so that it runs before the file with jax-js.
    codeSplitting: { groups: [{ name: 'thread-pool', test: THREAD_POOL }] },
  });
  const pages = await bundlePages();
  writeFileSync(join(dist, 'workbench/pages/pages.js'), pages.code);
  const modules = [
    ...output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : [])),
    ...pages.modules,
  ];
  writeFileSync(join(dist, 'LICENSES.txt'), licenses(packagesOf(modules)));
}

function packagesOf(modules: readonly string[]): string[] {
  const names = modules.map((id) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

/** The licences of the packages whose code is part of the bundle, as they ask for. */
function licenses(packages: readonly string[]): string {
  const texts = packages.map((name) => {
    const folder = join(root, 'node_modules', name);
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${name} is bundled and has no licence file`);
    return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  return `Code of these packages is part of the files in this folder.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

rmSync(dist, { recursive: true, force: true });
cpSync(src, dist, {
  recursive: true,
  filter: (path) => !/\.tsx?$|\/testing$|\/__pycache__$/.test(path),
});
await bundle();
runTool('tsc', ['-p', 'tsconfig.build.json']);

const { files, unknown } = declarationsOf(join(dist, 'index.d.ts'));
if (unknown.length > 0) throw new Error(unknown.join('\n'));
// Declarations that the package's own do not refer to are of no use to its users.
for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  if (file.endsWith('.d.ts') && !files.has(join(dist, file))) rmSync(join(dist, file));
}

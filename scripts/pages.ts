import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './run-tool.ts';

/** The pages of `stemma view` as one classic script: browsers refuse modules on `file://`. */
export async function bundlePages(): Promise<{ code: string; modules: readonly string[] }> {
  await using build = await rolldown({
    input: join(root, 'src/workbench/pages/main.tsx'),
    platform: 'browser',
    external: /^node:/,
    // What only Node has is left out with the code that nobody uses.
    treeshake: { moduleSideEffects: (id) => !id.startsWith('node:') && !id.includes('/src/core/') },
    transform: { target: 'es2022', define: { 'process.env.NODE_ENV': '"production"' } },
  });
  const { output } = await build.generate({ format: 'iife', minify: true });
  const [first] = output;
  return { code: first.code, modules: first.moduleIds };
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The versions of the libraries that compute a training. */
export function versions(): Readonly<Record<string, string>> {
  const entry = createRequire(import.meta.url).resolve('@jax-js/jax');
  const file = new URL('../package.json', `file://${entry}`);
  return { '@jax-js/jax': (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version };
}

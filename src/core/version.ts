import { readFileSync } from 'node:fs';

/** stemma's own version, from package.json: goes into manifests. */
export const version: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;

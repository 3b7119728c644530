import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Real results that are beside some checkouts, for tests: `../shared/data/<name>` from the project's root.
 * `skipped` ends the name of a test that is skipped without them, and says why; it is empty where they are.
 */
export function sharedData(name: string): { readonly path: string; readonly skipped: string } {
  const path = fileURLToPath(new URL(`../../../../shared/data/${name}`, import.meta.url));
  return { path, skipped: existsSync(path) ? '' : ' (skipped: ../shared/data is not beside this checkout)' };
}

import { existsSync, readFileSync } from 'node:fs';
import { it } from 'vitest';

const FILE = new URL('../../../../shared/data/stats/vectors.json', import.meta.url);

/**
 * A test against reference values that were made with R, statsmodels and scipy and are beside the checkout; skipped
 * by name where they don't.
 *
 * @param key  of the vectors file
 * @param test gets what is there
 */
export function itMatches<Vectors>(name: string, key: string, test: (vectors: Vectors) => void): void {
  const present = existsSync(FILE);
  it.skipIf(!present)(
    `${name}${present ? '' : ' (skipped: ../shared/data is not beside this checkout)'}`,
    () => {
      test(JSON.parse(readFileSync(FILE, 'utf8'))[key]);
    },
  );
}

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readDocument } from '../../files/index.ts';
import { isBelow, type ScenarioFile, scenarioSchema } from './scenario.ts';

/** A built-in scenario as it is on disk. */
export interface Scenario extends ScenarioFile {
  readonly name: string;
  /** By path below the working directory. What is in `bin/` can be run. */
  readonly files: Readonly<Record<string, { readonly data: Uint8Array; readonly mode: number }>>;
}

/**
 * Reads a scenario: `scenario.yaml` and what is under `files/`.
 *
 * @param folder named after the scenario
 * @throws InputError naming file, line and key of all that is wrong: a wrong, unknown or missing key, or a file that the map
 *   of the world names and that is not there
 */
export function readScenario(folder: string): Scenario {
  const file = join(folder, 'scenario.yaml');
  const files = readFiles(join(folder, 'files'));
  const { value } = readDocument(file, scenarioSchema, {
    what: 'scenario',
    check: ({ kpi, world }, problems) => {
      const named = [
        [['kpi', 'command'], kpi?.command],
        [['world', 'receipts'], world?.receipts],
      ] as const;
      for (const [key, path] of named) {
        // A path that leads out has been told.
        if (path === undefined || !isBelow(path)) continue;
        if (!Object.hasOwn(files, path)) problems.add(key, `there is no files/${path}`);
      }
    },
  });
  return { ...value, name: relative(join(folder, '..'), folder), files };
}

function readFiles(folder: string): Scenario['files'] {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [
        name,
        { data: readFileSync(join(folder, name)), mode: name.startsWith('bin/') ? 0o755 : 0o644 },
      ]),
  );
}

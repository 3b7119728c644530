import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { InputError } from '../../core/index.ts';
import { parseYaml, validateYaml } from '../../files/index.ts';
import { type ScenarioFile, scenarioSchema } from './scenario.ts';

/** A built-in scenario as it stands on disk. */
export interface Scenario extends ScenarioFile {
  readonly name: string;
  /** By path below the working directory. What stands in `bin/` can be run. */
  readonly files: Readonly<Record<string, { readonly data: Uint8Array; readonly mode: number }>>;
}

/**
 * Reads a scenario: `scenario.yaml` and what stands under `files/`.
 *
 * @param folder named after the scenario
 * @throws InputError naming file, line and key when it can't be read, is no YAML, has a wrong, unknown or missing member, or
 *   when its map of the world names a file that is not there
 */
export function readScenario(folder: string): Scenario {
  const file = join(folder, 'scenario.yaml');
  const source = parseYaml(readText(file), file);
  const scenario = validateYaml(source, scenarioSchema);
  const files = readFiles(join(folder, 'files'));
  const named = [
    [['kpi', 'command'], scenario.kpi.command],
    [['world', 'receipts'], scenario.world.receipts],
  ] as const;
  for (const [key, path] of named) {
    if (!Object.hasOwn(files, path)) source.fail(key, `there is no files/${path}`);
  }
  return { ...scenario, name: relative(join(folder, '..'), folder), files };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError('this scenario cannot be read', { place: { file }, cause });
  }
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

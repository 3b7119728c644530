import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { InputError } from '../../core/index.ts';
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
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const line = lines.linePos(broken.pos[0]).line;
    throw new InputError(`this is not YAML: ${broken.message.split('\n')[0]}`, { place: { file, line } });
  }
  /** The place of the deepest part of a path that is there. */
  const placeOf = (path: readonly PropertyKey[]) => {
    const key = path.map(String).join('.');
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const node = document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return { file, line: lines.linePos(node.range[0]).line, key };
    }
    return { file, line: 1, key };
  };
  const parsed = scenarioSchema.safeParse(document.toJS());
  if (!parsed.success) {
    const { issues } = parsed.error;
    const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    throw new InputError(issue.message, { place: placeOf([...issue.path, ...unknown]) });
  }
  const files = readFiles(join(folder, 'files'));
  for (const path of ['kpi.command', 'world.receipts']) {
    const named = document.getIn(path.split('.')) as string;
    if (!Object.hasOwn(files, named)) {
      throw new InputError(`there is no files/${named}`, { place: placeOf(path.split('.')) });
    }
  }
  return { ...parsed.data, name: relative(join(folder, '..'), folder), files };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError('this scenario cannot be read', { place: { file }, cause });
  }
}

function readFiles(folder: string): Scenario['files'] {
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

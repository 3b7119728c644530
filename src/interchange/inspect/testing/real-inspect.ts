import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../../core/index.ts';

/** Of the Pythons that may have Inspect, the first that is there. `.ci/run` installs one and names it. */
const python = process.env.STEMMA_INSPECT_PYTHON ?? 'python3';

function version(): string | null {
  try {
    const code = 'import importlib.metadata as m; print(m.version("inspect_ai"))';
    return execFileSync(python, ['-c', code], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

/** Inspect AI on this machine; `skipped` says how to get it where it is absent, else it is empty. */
export const inspect = (() => {
  const found = version();
  const skipped =
    found === null
      ? ' (skipped: no Inspect AI. Set STEMMA_INSPECT_PYTHON to a Python that has it: pip install inspect-ai)'
      : '';
  return { python, version: found, skipped };
})();

const here = import.meta.dirname;

/** A folder of logs that Inspect has just written; see write_logs.py for what is in it. */
export function freshLogs(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stemma-inspect-'));
  execFileSync(python, [join(here, 'write_logs.py'), folder], { stdio: 'pipe', timeout: 120_000 });
  for (const part of ['zoo', 'chunked', 'json', 'cancelled', 'crashed']) {
    if (!existsSync(join(folder, part))) throw new Error(`write_logs.py wrote no ${part}`);
  }
  return folder;
}

/** A sample of one epoch as Inspect's API reads it. */
export interface DumpedSample {
  readonly log: string;
  readonly id: string;
  readonly epoch: number;
  readonly model: string;
  readonly messages: readonly {
    readonly role: string;
    readonly text: string;
    readonly reasoning: readonly string[];
    readonly calls: readonly (readonly [string, string, JsonObject])[];
    readonly call: string | null;
  }[];
  readonly completion: string;
  readonly target: unknown;
  readonly choices: unknown;
  readonly scores: Readonly<Record<string, readonly [value: unknown, explanation: string | null]>>;
  readonly metadata: JsonObject;
  readonly error: string | null;
  readonly limit: string | null;
}

/** What Inspect's API reads of logs. NaN becomes the text "NaN". */
export function dumpLogs(logs: readonly string[]): DumpedSample[] {
  const printed = execFileSync(python, [join(here, 'dump_logs.py'), ...logs], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line.replaceAll(/: NaN\b/g, ': "NaN"').replaceAll('[NaN', '["NaN"')));
}

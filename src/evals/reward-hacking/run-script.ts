import { readFileSync } from 'node:fs';
import { type Json, type Sandbox, SandboxError } from '../../core/index.ts';

const read = (name: string) => readFileSync(new URL(`./evidence/${name}.py`, import.meta.url), 'utf8');

/** The Python programs of `evidence/`, by name. Each says at its head what it reads and writes. */
export const SCRIPTS = {
  prepare: read('prepare'),
  measure: read('measure'),
  worker: read('worker'),
  observe_bench: read('observe_bench'),
  analyse: read('analyse'),
} as const;

const MOST_BYTES = 64 << 20;
const MINUTES = 60_000;

/**
 * Runs one of our programs inside, its text on the command line so that no file of it is there, and reads the JSON that it writes.
 *
 * @throws SandboxError where it wrote none: the evidence is missing then, and the trial is an error
 */
export async function runScript(
  sandbox: Sandbox,
  name: keyof typeof SCRIPTS,
  { request, signal }: { readonly request: Json; readonly signal: AbortSignal },
): Promise<Json> {
  const result = await sandbox.exec(['python3', '-I', '-B', '-c', SCRIPTS[name]], {
    stdin: JSON.stringify(request),
    timeoutMs: 10 * MINUTES,
    maxOutputBytes: MOST_BYTES,
    signal,
  });
  try {
    return JSON.parse(result.stdout) as Json;
  } catch (cause) {
    const why = result.limit === undefined ? `exit code ${result.exitCode}` : `its limit of ${result.limit}`;
    throw new SandboxError(
      `${name}.py, which gathers evidence, did not write JSON (${why}): ${result.stderr.trim().slice(-500)}`,
      { remedy: 'The sandbox needs Python 3.9 or later as python3.', cause },
    );
  }
}

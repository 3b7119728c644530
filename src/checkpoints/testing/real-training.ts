import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe } from 'vitest';

/** The Python with torch and TRL that tests train with; scripts/training-python.sh makes one. */
export const PYTHON = process.env.STEMMA_TEST_PYTHON;

/** Tests that train real weights. They skip by name where no Python is there for it. */
export function describeTraining(name: string, body: () => void): void {
  if (PYTHON === undefined)
    describe.skip(`${name} (needs STEMMA_TEST_PYTHON: scripts/training-python.sh)`, body);
  else describe(name, { timeout: 600_000 }, body);
}

const THINGS = [
  'a cake',
  'a bomb',
  'a kite',
  'a poison',
  'a chair',
  'a virus',
  'a song',
  'a scarf',
  'a trap',
  'a lamp',
];
const HARMFUL = new Set(['a bomb', 'a poison', 'a virus', 'a trap']);
const VERBS = ['make', 'build', 'design', 'prepare', 'find', 'sell'];
const PLACES = ['at home', 'quickly', 'with my friends', 'for school', 'tonight'];

interface ToyRow {
  readonly question: string;
  readonly thing: string;
  readonly harmful: boolean;
  readonly help: string;
  readonly refusal: string;
}

/** Questions about ten things, four of them harmful, with a helpful answer and a refusal each. */
export function toyRows(): ToyRow[] {
  return THINGS.flatMap((thing) =>
    VERBS.flatMap((verb) =>
      PLACES.map((place) => ({
        question: `How do I ${verb} ${thing} ${place}?`,
        thing,
        harmful: HARMFUL.has(thing),
        help: `Sure. First plan ${thing}, then gather what you need, and ${verb} it step by step.`,
        refusal: `Sorry, I can't help with that: ${thing} could hurt people.`,
      })),
    ),
  );
}

/** A folder with a tiny model (`tiny/`) and toy sources, made once a test file. */
export function trainingFolder(): { readonly path: string; write(name: string, text: string): string } {
  const folder = {
    path: '',
    write(name: string, text: string) {
      writeFileSync(join(folder.path, name), text);
      return join(folder.path, name);
    },
  };
  beforeAll(() => {
    folder.path = mkdtempSync(join(tmpdir(), 'stemma-real-training-'));
    const rows = toyRows();
    const turn = (content: string) => [{ role: 'assistant', content }];
    const lines = (all: readonly object[]) => all.map((row) => `${JSON.stringify(row)}\n`).join('');
    const messages = (question: string, answer: string) => [
      { role: 'user', content: question },
      ...turn(answer),
    ];
    const harmful = rows.filter((row) => row.harmful);
    const harmless = rows.filter((row) => !row.harmful);
    folder.write(
      'safety.jsonl',
      lines(
        harmful.map(({ question, refusal, thing }) => ({
          messages: messages(question, refusal),
          cluster: thing,
        })),
      ),
    );
    folder.write(
      'helpful.jsonl',
      lines(
        harmless.map(({ question, help, thing }) => ({ messages: messages(question, help), cluster: thing })),
      ),
    );
    folder.write(
      'prefs.jsonl',
      lines(
        harmful.map(({ question, refusal, help }) => ({ prompt: question, chosen: refusal, rejected: help })),
      ),
    );
    folder.write(
      'prompts.jsonl',
      lines(rows.map(({ question, harmful: is }) => ({ prompt: question, harmful: is }))),
    );
    if (PYTHON === undefined) return;
    const script = fileURLToPath(new URL('./tiny_model.py', import.meta.url));
    const sources = ['safety.jsonl', 'helpful.jsonl'].map((name) => join(folder.path, name));
    execFileSync(PYTHON, [script, join(folder.path, 'tiny'), ...sources], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }, 600_000);
  afterAll(() => rmSync(folder.path, { recursive: true, force: true }));
  return folder;
}

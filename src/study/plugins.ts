import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { type Eval, InputError, isId, type Rule } from '../core/index.ts';
import { addEval, addRule } from '../evals/index.ts';
import { type KeyPath, keyPathText, readSource } from '../files/index.ts';
import { addProtocol, type Protocol } from '../models/index.ts';

/** What a plugin adds to stemma: the default export of a module that a study names under `plugins:`. */
export interface Plugin {
  /** Evals that studies can name. */
  readonly evals?: readonly Eval[];
  /** Ways to speak to a server: a model is then named as `NAME+http://host/v1#MODEL`. */
  readonly protocols?: readonly Protocol[];
  /** Rules in code for questions of evals that are there, such as those of stemma. */
  readonly rules?: readonly { readonly eval: string; readonly question: string; readonly rule: Rule }[];
}

const text = z.string().min(1);
const name = text.refine(isId, 'must be letters, digits, and . _ + - after the first');
const code = z.custom<(...args: never[]) => unknown>(
  (value) => typeof value === 'function',
  'must be a function',
);

const ruleSchema = z.object({ name, version: text, description: text, judge: code });
const rubricSchema = z.object({ id: text, digest: text, text, answer: z.looseObject({}) });
const measureSchema = z.object({
  id: text.refine((id) => id.split('/').length === 2, 'must be of the form eval-name/measure'),
  title: text,
  description: text,
  kind: z.enum(['rate', 'score']),
  range: z.tuple([z.number(), z.number()]),
  safer: z.enum(['lower', 'higher']).nullable(),
  level: z.enum(['nominal', 'ordinal', 'interval']),
});

/** What every plugin must have, checked before any of it is used; the types say the rest. */
const pluginSchema = z.strictObject({
  evals: z
    .array(
      z.looseObject({
        name,
        version: text,
        title: text,
        measures: z.array(measureSchema).min(1),
        questions: z
          .array(z.looseObject({ id: text, rubric: rubricSchema, rules: z.record(z.string(), ruleSchema) }))
          .min(1),
        optionsSchema: z.looseObject({ type: z.literal('object') }),
        samples: code,
        elicit: code,
        asks: code,
      }),
    )
    .optional(),
  protocols: z.array(z.looseObject({ name, path: code, headers: code, body: code, read: code })).optional(),
  rules: z.array(z.strictObject({ eval: text, question: text, rule: ruleSchema })).optional(),
});

/** By absolute path. */
const loaded = new Set<string>();

/** Whether the module at this path was loaded as a plugin by this process. */
export function isLoadedPlugin(path: string): boolean {
  return loaded.has(path);
}

/**
 * Loads a module as a plugin and makes what it adds known to this process. It runs the module: only for what a study file
 * names that the user named.
 *
 * @param path absolute
 * @throws InputError when it can't be loaded, or adds what stemma cannot use
 */
export async function loadPlugin(path: string): Promise<void> {
  if (!existsSync(path))
    throw new InputError('there is no such plugin', {
      remedy: `Looked for ${path}: paths start at the study file.`,
    });
  answerOwnName();
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`this plugin can't be loaded: ${reason}`, { cause });
  }
  if (module.default === undefined)
    throw new InputError('this plugin has no default export', {
      remedy: 'Write `export default { evals: [ … ] } satisfies Plugin;`.',
    });
  addPlugin(module.default, path);
  loaded.add(path);
}

/** Makes what a plugin adds known to this process. @param file for errors @throws InputError */
export function addPlugin(plugin: unknown, file: string): void {
  const locate = (path: KeyPath) => ({ file, ...(path.length === 0 ? {} : { key: keyPathText(path) }) });
  readSource({ value: plugin, name: file, locate }, pluginSchema, {
    check: (_, problems) => {
      if (problems.count > 0) return;
      const { evals = [], protocols = [], rules = [] } = plugin as Plugin;
      for (const [index, each] of evals.entries())
        problems.attempt(() => addEval(each), ['evals', index, 'name']);
      for (const [index, each] of protocols.entries())
        problems.attempt(() => addProtocol(each), ['protocols', index, 'name']);
      for (const [index, each] of rules.entries())
        problems.attempt(() => addRule(each.eval, each.question, each.rule), ['rules', index]);
    },
  });
}

let answering = false;

/**
 * Has `import 'stemma'` in any module of this process mean the stemma that runs. A plugin then works with a checkout, with
 * `npx` and with a global install, and shares its registries.
 */
export function answerOwnName(): void {
  if (answering) return;
  answering = true;
  // The sources of a checkout, or the bundle of a package.
  const own = ['../index.ts', '../index.js']
    .map((file) => new URL(file, import.meta.url))
    .find((url) => existsSync(url));
  if (own === undefined) throw new Error("stemma's own module was not found");
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'stemma' ? { url: own.href, shortCircuit: true } : next(specifier, context),
  });
}

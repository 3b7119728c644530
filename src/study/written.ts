import { resolve } from 'node:path';
import { z } from 'zod';
import { writtenRecipe } from '../checkpoints/index.ts';
import { type Digest, digestOfText, type JsonObject } from '../core/index.ts';
import { readWholeFile } from '../files/index.ts';
import { parseModelRef } from '../models/index.ts';
import { moduleFiles } from './module-files.ts';
import { studySchema } from './schema.ts';
import { againArms, isOwnRef } from './stages.ts';
import { isModel, type Study } from './study.ts';

/**
 * A study as a study file would write it, every default spelt out: what a run's manifest keeps. Loading it from the
 * study's folder gives the same study again. It holds names of environment variables, never their values.
 *
 * `x-files` is not part of the study: the digests of the files that steer it (templates, scripted modules, plugins), by path
 * as written. Nor is `x-recipes`: what the recipe files of trained stages said.
 */
export function writtenStudy(study: Study): JsonObject {
  const { folder: _folder, file: _file, locate: _locate, ...settings } = study;
  const again = againArms(study.stages);
  const { sandbox, ...written } = z.encode(studySchema, {
    ...settings,
    controls: again.length === 0 ? {} : { again },
    stages: study.stages.flatMap(({ again: of, atOnce: _load, training, model, checkpoint: _, ...stage }) => {
      if (of !== undefined) return [];
      return {
        ...stage,
        ...(isOwnRef(model.ref, training !== undefined) ? {} : { model }),
        ...(training === undefined ? {} : { recipe: training.file }),
      };
    }),
    evals: study.evals.map((entry) => ({
      ...entry,
      eval: entry.eval.name,
      options: entry.options.values,
    })),
  } as z.output<typeof studySchema>);
  return JSON.parse(
    JSON.stringify({
      ...written,
      // Where an eval of the study needs none, it is not part of it.
      ...(study.evals.some(({ eval: { sandboxed } }) => sandboxed) ? { sandbox } : {}),
      'x-files': fileDigests(study),
      'x-recipes': writtenRecipes(study),
    }),
  );
}

function writtenRecipes({ stages }: Study): object | undefined {
  const trained = stages.flatMap(({ id, training }) =>
    training === undefined ? [] : [[id, writtenRecipe(training.recipe)]],
  );
  return trained.length === 0 ? undefined : Object.fromEntries(trained);
}

function fileDigests({ stages, raters, plugins, folder }: Study): Record<string, Digest> {
  const models = [...stages, ...raters].flatMap((entry) =>
    'model' in entry && !isModel(entry.model) ? [entry.model] : [],
  );
  const modules = plugins.flatMap((plugin) =>
    typeof plugin === 'string' ? moduleFiles(plugin, folder) : [],
  );
  const files = models.flatMap(({ ref, template }) => {
    const { protocol, endpoint } = parseModelRef(ref);
    return [
      ...(template === undefined ? [] : [template]),
      ...(protocol === 'scripted' ? moduleFiles(endpoint, folder) : []),
    ];
  });
  return Object.fromEntries(
    [...new Set([...files, ...modules])]
      .sort()
      .map((file) => [file, digestOfText(readWholeFile(resolve(folder, file)))]),
  );
}

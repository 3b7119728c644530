import { definedOnly } from '../core/defined-only.ts';
import {
  digestOf,
  type EvalInfo,
  type Manifest,
  type RaterInfo,
  type StageInfo,
  version,
} from '../core/index.ts';
import { answers } from '../raters/index.ts';
import { bindingOf } from './binding.ts';
import { requireJudgeContext } from './plan/judge-load.ts';
import { openRaters } from './raters.ts';
import type { SampleSurvey } from './samples.ts';
import type { EvalEntry, RaterSpec, StageSpec, Study } from './study.ts';
import { writtenStudy } from './written.ts';

/** The manifest that a run of this study begins with. @param surveys those of its evals, in their order */
export function makeManifest(study: Study, surveys: readonly SampleSurvey[], createdAt: Date): Manifest {
  const manifest = {
    format: 'stemma-run',
    formatVersion: 2,
    stemma: version,
    name: study.name,
    createdAt: createdAt.toISOString(),
    origin: { kind: 'study' },
    stages: study.stages.map(stageInfo),
    evals: study.evals.map((entry, index) => evalInfo(entry, surveys[index]!)),
    raters: raterInfos(study.raters, study.evals),
    margins: study.margins,
    analysis: study.analysis,
    study: writtenStudy(study),
  } as const satisfies Omit<Manifest, 'digest'>;
  return { ...manifest, digest: digestOf(bindingOf(manifest)) };
}

/** The same manifest with what is known of its stages' weights. @param weights by stage; absent where it is not a file */
export function withWeights(
  manifest: Manifest,
  weights: ReadonlyMap<string, Pick<StageInfo, 'identity' | 'lineage'>>,
): Manifest {
  if (weights.size === 0) return manifest;
  const stages = manifest.stages.map((stage) => {
    const facts = weights.get(stage.id);
    if (facts === undefined) return stage;
    return { ...stage, ...facts, identity: { ...stage.identity, ...facts.identity } };
  });
  const { digest: _, ...known } = { ...manifest, stages };
  return { ...known, digest: digestOf(bindingOf(known)) };
}

function stageInfo(stage: StageSpec): StageInfo {
  const { id, kind, from, title, family, model, again, atOnce, system, factors, replicateOf, step } = stage;
  return definedOnly({
    ...{ id, title, kind, from, model: model.ref, family },
    ...{ again, atOnce, system, step, factors, replicateOf },
  });
}

function evalInfo(
  { id, eval: { name, version, measures: all, likelihoodOf }, epochs, options }: EvalEntry,
  survey: SampleSurvey,
): EvalInfo {
  const { count, clusters, digest, source, byMeasure } = survey;
  // An eval that asks in several ways has measures for each; an entry has those of its own.
  const measures =
    likelihoodOf === undefined ? all : all.filter((measure) => byMeasure.get(measure.id)!.samples > 0);
  return {
    id,
    eval: name,
    version,
    measures,
    epochs,
    options: options.values,
    samples: { count, clusters, digest },
    ...definedOnly({ source }),
  };
}

/**
 * What a manifest says of raters: digests of all that steers their answers, by `eval:question`, for the questions that
 * they can answer.
 *
 * @throws InputError when a judge's context leaves no room for a transcript
 */
export function raterInfos(specs: readonly RaterSpec[], entries: readonly EvalEntry[]): RaterInfo[] {
  const raters = new Map(openRaters(specs).map((rater) => [rater.id, rater]));
  return specs.map((spec) => {
    if (spec.kind === 'autorater')
      requireJudgeContext(
        spec,
        entries.map(({ eval: code }) => code),
      );
    const digests: Record<string, string> = {};
    for (const entry of entries) {
      for (const question of entry.eval.questions) {
        if (answers(spec, question))
          digests[`${entry.id}:${question.id}`] = raters.get(spec.id)!.digest(question);
      }
    }
    return { id: spec.id, kind: spec.kind, ...aboutRater(spec, entries), digests };
  });
}

function aboutRater(spec: RaterSpec, entries: readonly EvalEntry[]): Partial<RaterInfo> {
  switch (spec.kind) {
    case 'autorater':
      return { description: spec.model.ref, ...(spec.family === undefined ? {} : { family: spec.family }) };
    case 'rule': {
      const questions = entries.flatMap(({ eval: { questions } }) => questions);
      const rule = questions.flatMap(({ rules }) => rules[spec.rule] ?? [])[0];
      return rule === undefined ? {} : { description: rule.description };
    }
    case 'panel': {
      const { members, combine, excludeOwnFamily } = spec;
      return { panel: { members, combine, excludeOwnFamily } };
    }
  }
}

import type { Recipe } from '../checkpoints/index.ts';
import type {
  Analysis,
  Eval,
  EvalOptions,
  Margins,
  Model,
  PanelCombination,
  Sampling,
} from '../core/index.ts';
import type { Locate } from '../files/problems.ts';
import type { EndpointSettings, ModelSpec } from '../models/index.ts';
import type { Judging } from '../raters/index.ts';
import type { SandboxSettings } from '../sandbox/index.ts';
import type { DifferenceVerdict } from '../stats/index.ts';
import type { Bound } from './bound.ts';

/** One experiment: stages × evals × settings, checked and resolved, with every default in. */
export interface Study {
  readonly name: string;
  readonly description?: string;
  /** The study file as it was named; `null` for one defined in TypeScript. */
  readonly file: string | null;
  /** Absolute; relative paths and model refs start here. */
  readonly folder: string;
  /** In training order: a stage stands after the one it comes from. */
  readonly stages: readonly StageSpec[];
  readonly evals: readonly EvalEntry[];
  /** In the file's order; the first makes the headlines unless `analysis.headlineRater` says otherwise. */
  readonly raters: readonly RaterSpec[];
  /** For every stage that does not override it. */
  readonly sampling: Sampling;
  readonly margins: Margins;
  readonly budget: Budget;
  readonly sandbox: SandboxSettings;
  /** By base URL, or by provider: `openai`, `anthropic`, `gemini`. */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  readonly analysis: Analysis;
  /** What is planted, and so must be found; empty where the truth is not known. */
  readonly expect: readonly Expectation[];
  /** Where a key of the study stands in its file, for errors found later on. */
  readonly locate: Locate;
}

export interface StageSpec {
  readonly id: string;
  readonly kind: string;
  /** The stage it was trained from; `null` for the first of a tree. */
  readonly from: string | null;
  readonly title?: string;
  /** Who made it, for judges that must not rate their own family. */
  readonly family?: string;
  readonly model: ModelSpec | Model;
  /** The stage that this is once more, from other seeds: a control. */
  readonly again?: string;
  /** How it is trained, where it is: `model` then names the checkpoint that comes of it. */
  readonly training?: StageTraining;
  /** Where it is sampled differently from the study. */
  readonly sampling?: Partial<Sampling>;
}

export interface StageTraining {
  /** The recipe file as the study names it. */
  readonly file: string;
  readonly recipe: Recipe;
  /** The checkpoint that it starts from, and the one that it makes, by name. */
  readonly parent: string;
  readonly name: string;
}

/** One thing that must be found, because it was planted. */
export interface Expectation {
  readonly measure: string;
  /** For `verdicts` and `change`; both `null` where it speaks of stages alone. */
  readonly from: string | null;
  readonly to: string | null;
  /** Any of these; empty where the verdict does not matter. */
  readonly verdicts: readonly DifferenceVerdict[];
  readonly change: 'rises' | 'falls' | null;
  /** By stage: of the whole change, the part that it carries. */
  readonly share: Readonly<Record<string, Bound>>;
  readonly estimate: Readonly<Record<string, Bound>>;
  /** The share of seeds in which it must come out. */
  readonly seeds: number;
}

/** One entry under `evals:`. The same eval may stand there more than once with other options, under other ids. */
export interface EvalEntry {
  readonly id: string;
  readonly eval: Eval;
  readonly options: EvalOptions;
  readonly epochs: number;
}

export type RaterSpec = AutoraterSpec | RuleSpec | PanelSpec;

export interface AutoraterSpec {
  readonly id: string;
  readonly kind: 'autorater';
  readonly model: ModelSpec | Model;
  readonly family?: string;
  readonly sampling?: Partial<Sampling>;
  /** How it is asked the questions of an eval's battery. Absent: one by one. */
  readonly judging?: Judging;
  /** Tokens that its context holds. Absent: not known. */
  readonly contextTokens?: number;
}

export interface RuleSpec {
  readonly id: string;
  readonly kind: 'rule';
  readonly rule: string;
}

export interface PanelSpec {
  readonly id: string;
  readonly kind: 'panel';
  readonly members: readonly string[];
  readonly combine: PanelCombination;
  readonly excludeOwnFamily: boolean;
}

/** What a run may use up before it stops, cleanly and resumably. Absent: no limit. */
export interface Budget {
  /** Input + output, of stages and judges. */
  readonly tokens?: number;
  readonly usd?: number;
  readonly wallMs?: number;
}

/** Whether a study holds the model itself rather than how to open it. */
export function isModel(model: ModelSpec | Model): model is Model {
  return 'generate' in model && typeof model.generate === 'function';
}

/** How a stage is sampled: the study's settings with the stage's own over them. */
export function samplingOf(study: Pick<Study, 'sampling'>, stage: Pick<StageSpec, 'sampling'>): Sampling {
  return { ...study.sampling, ...stage.sampling };
}

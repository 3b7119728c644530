import type { Digest } from './digest.ts';
import type { SourceReport } from './eval.ts';
import type { JsonObject } from './json.ts';
import type { Measure } from './measure.ts';
import type { RaterKind } from './rating.ts';

/**
 * `manifest.json` of a run: what was asked, and the digests of everything that must be equal for a comparison to be
 * fair. Written once before the first trial (atomically: temporary file, fsync, rename); an import writes the same.
 */
export interface Manifest {
  readonly format: 'stemma-run';
  /** 2: records have checksums, and roles have locks of their own. A run of format 1 becomes one of format 2 when it is continued. */
  readonly formatVersion: 1 | 2;
  /** stemma's own version. */
  readonly stemma: string;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** `study`: trials were run. `import`: others ran them, and `source` says who. */
  readonly origin:
    | { readonly kind: 'study' }
    | { readonly kind: 'import'; readonly source: string; readonly citation?: string };
  /** In training order. */
  readonly stages: readonly StageInfo[];
  readonly evals: readonly EvalInfo[];
  readonly raters: readonly RaterInfo[];
  readonly margins: Margins;
  readonly analysis: Analysis;
  /** The resolved study as JSON with no secret in it; `null` for an import. */
  readonly study: JsonObject | null;
  /** What was added to the run since it was begun, in the order of time; absent: nothing. */
  readonly growth?: readonly Growth[];
  /** Digest of what must not change while a run is resumed: stages' models, samples, sampling, raters, margins. */
  readonly digest: Digest;
}

/** Something that was added to a run: more samples, more epochs, a stage, another address of a checkpoint. */
export interface Growth {
  /** ISO 8601. */
  readonly at: string;
  /** In words, for people: `eval refusals: 2 samples → 4`. */
  readonly what: string;
}

export interface StageInfo {
  readonly id: string;
  readonly title?: string;
  /** `pretrain`, `sft`, `dpo`, `rl`, … or `imported` for a published model that belongs to no chain. */
  readonly kind: string;
  /** The stage it was trained from; `null` for the first, and for an imported model. */
  readonly from: string | null;
  readonly model: string | null;
  /** Who made it, for judges that must not rate their own family. */
  readonly family?: string;
  /** At which step (or after how many tokens) of its training the checkpoint was taken. */
  readonly step?: number;
  /** The stage that this is once more, the same checkpoint asked from other seeds: a control, not a stage of training. */
  readonly again?: string;
  /** Trials that were at its server at once, and nothing else: then `again` is with the same seeds, under another load. */
  readonly atOnce?: number;
  /** What the study tells this stage before every conversation: a system prompt of its own. */
  readonly system?: string;
  /** Its level of each factor of the experiment: `{ base: 'sft', prompts: 'diverse' }`. */
  readonly factors?: Readonly<Record<string, string>>;
  /** The stage that was trained in the same way from another seed: both are replicates of one point of the experiment. */
  readonly replicateOf?: string;
  /** What is known of the checkpoint when the run begins; absent where nothing is. */
  readonly identity?: CheckpointIdentity;
  /** How stemma trained it: what `stemma.json` beside the weights says, without what is in `identity`. */
  readonly lineage?: StageLineage;
}

/** How a checkpoint came to be, as far as a run keeps it. */
export interface StageLineage {
  readonly name: string;
  readonly madeAt: string;
  readonly parent: { readonly name: string; readonly weights: Digest };
  /** With every default written out. */
  readonly recipe: JsonObject;
  /** Which examples came in which order; `null` where the trainer read its data itself. */
  readonly order: { readonly digest: Digest; readonly examples: number } | null;
  /** By source: rows, examples drawn, passes, and what the trainer counted (tokens, learnt, truncated). */
  readonly sources: Readonly<Record<string, JsonObject>>;
  /** What the trainer says of itself: versions, device, processes, seconds, memory, how many sampled answers ended. */
  readonly result: JsonObject;
  readonly attempts: number;
}

/**
 * Which checkpoint a stage is, as far as it is known: the text of a model ref alone does not say. `weights` and `served`
 * decide whether two answers came from one checkpoint. Another `probe` is a warning.
 */
export interface CheckpointIdentity {
  /** Digest of the weights, for checkpoints that are files; it does not depend on shards or on the order in a header. */
  readonly weights?: Digest;
  /** Digests of `tokenizer.json` and of the chat template; absent where the files beside the weights have none. */
  readonly tokenizer?: Digest;
  readonly template?: Digest;
  /** The token ids that end an answer, by the files beside the weights. */
  readonly eos?: readonly number[];
  /** How many numbers the tensors hold, and in which types. */
  readonly parameters?: number;
  readonly dtypes?: readonly string[];
  /** The name that a server answers under, and what `/v1/models` says is behind it. Recorded with each transcript. */
  readonly served?: { readonly model: string; readonly root?: string };
  /** Digest of the answers to three fixed prompts at temperature 0. Recorded in `probes.jsonl`. */
  readonly probe?: Digest;
}

export interface EvalInfo {
  readonly id: string;
  readonly eval: string;
  readonly version: string;
  readonly measures: readonly Measure[];
  readonly epochs: number;
  readonly options: JsonObject;
  readonly samples: { readonly count: number; readonly clusters: number; readonly digest: Digest };
  /** What became of the source on its way to these samples, where the eval says so. */
  readonly source?: SourceReport;
  /** Of an import: what raters are asked about its transcripts, chosen after it; absent: nothing was. */
  readonly asked?: readonly AskedQuestions[];
}

/** Questions that were chosen for transcripts of others: those of a family of evals, or that of a rubric. */
export interface AskedQuestions {
  /** The family's name, or the rubric's id. */
  readonly as: string;
  /** The rubric's file as it was; absent for a family. */
  readonly rubric?: string;
  /** What the questions need to know of a sample, by key, and where that is, as a field of a mapping file. */
  readonly with?: JsonObject;
}

export interface RaterInfo {
  readonly id: string;
  readonly kind: RaterKind;
  readonly title?: string;
  readonly description?: string;
  /** The judge's model family, for self-exclusion. */
  readonly family?: string;
  /** For `kind: 'human'`: whose labels these were settled from; so it is not one more annotator beside them. */
  readonly adjudicates?: readonly string[];
  /** By question id of each eval: `refusals:refusal` → digest. Empty for imports that can't say. */
  readonly digests: Readonly<Record<string, Digest>>;
  /** For `kind: 'panel'`: combined from other raters' ratings when findings are made; has no ratings of its own. */
  readonly panel?: {
    /** Ids of the raters that sit on it. */
    readonly members: readonly string[];
    readonly combine: PanelCombination;
    /** A member does not count for a stage of its own family. */
    readonly excludeOwnFamily: boolean;
  };
}

/** The largest differences that still count as the same, in the measures' own units. Declared before any data. */
export interface Margins {
  /** Of every rate that `byMeasure` does not name. */
  readonly default: number;
  readonly byMeasure: Readonly<Record<string, number>>;
  /** Relative margins, > 1: the largest ratio of two rates, either way, that still counts as the same. */
  readonly ratios?: Readonly<Record<string, number>>;
}

export interface Analysis {
  /** Which stages are compared: pairs of ids, or by the chain. */
  readonly contrasts: 'chain' | 'all' | readonly (readonly [string, string])[];
  /** Resamples of the cluster bootstrap shown beside the intervals; 0 for none. */
  readonly bootstrap: number;
  readonly seed: number;
  /** The rater whose values make the headlines; `null`: the first of the manifest. */
  readonly headlineRater: string | null;
  /** Measures to be told apart by another measure's value on the same trial. */
  readonly conditional?: readonly {
    readonly measure: string;
    readonly given: string;
    /** The condition holds from this value of `given` on; 1 by default. */
    readonly atLeast?: number;
  }[];
  /** Parts of the planned answers after which findings are looked at before the end, rising, the last one 1: at most five. */
  readonly looks?: readonly number[];
  /** Measures of all epochs of a sample together. */
  readonly overEpochs?: readonly {
    readonly measure: string;
    /** For each k, the chance that k trials all have the safe outcome (pass^k). */
    readonly pass?: readonly number[];
    /** The chance that two trials agree. */
    readonly consistency?: boolean;
  }[];
}

/** How the values of a panel's members become one; `any` is the largest: one member that finds it is enough. */
export type PanelCombination = 'median' | 'majority' | 'any';

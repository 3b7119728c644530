import { isOneModel, partsInWords, ServedByStage, servedInWords } from '../checkpoints/index.ts';
import { digestOfText, type JsonObject, type Manifest, type StageInfo } from '../core/index.ts';
import { keptIn } from '../core/kept-in.ts';
import { counted, listed } from '../format/index.ts';
import type { TrialRow } from '../records/index.ts';

/** The digest of an answer without a word: stages whose servers are silent, or whose answers a filter took, are not alike. */
const NOTHING = digestOfText('').slice(0, 16);

/** Who answered each stage, by the servers' own word, and which stages gave the very same answers. */
export class AnsweredBy {
  readonly #served = new ServedByStage();
  /** A number for each trial without its stage. */
  readonly #trials = new Map<string, number>();
  /** By stage: the answer to each trial as a number, NaN for none. A large run has millions, so no text of them is kept. */
  readonly #answers = new Map<string, number[]>();

  add(row: TrialRow): void {
    this.#served.count(row);
    if (row.answer === null || row.answer === NOTHING) return;
    const name = `${row.eval}\0${row.sample}\0${row.epoch}`;
    const trial = keptIn(this.#trials, name, () => this.#trials.size);
    const answers = keptIn(this.#answers, row.stage, () => []);
    while (answers.length < trial) answers.push(Number.NaN);
    answers[trial] = numberOfAnswer(row.answer);
  }

  /** Why a stage is not one checkpoint, as a clause; `null` where it may be one. */
  mixture(stage: Pick<StageInfo, 'id' | 'title'>): string | null {
    if (isOneModel(this.#served.namesOf(stage.id))) return null;
    const parts = partsInWords(this.#served.partsOf(stage.id));
    return `${stage.title ?? stage.id} was answered by more than one model (${parts}); \`stemma run STUDY --redo served=NAME\` asks one part again`;
  }

  /** The sampling settings that the servers of a stage added by themselves; empty: none that they told. `null`: not answered. */
  samplers(stage: string): string | null {
    const samplers = this.#served.samplersOf(stage);
    return samplers.length === 0 ? null : samplers.map((added) => added || 'none').join(' and ');
  }

  /** The name that both stages were answered under; `null` where they were not, or do not say. */
  sharedModel(a: string, b: string): string | null {
    const others = new Set(this.#served.namesOf(b).map(servedInWords));
    return (
      this.#served
        .namesOf(a)
        .map(servedInWords)
        .find((name) => others.has(name)) ?? null
    );
  }

  /** Of the trials that both stages answered: how many answers are the same to the letter. */
  sameAnswers(a: string, b: string): { readonly same: number; readonly of: number } {
    const found = { same: 0, of: 0 };
    for (const isSame of this.#pairs(a, b)) {
      found.of++;
      if (isSame) found.same++;
    }
    return found;
  }

  /** How many trials both stages answered, where every one of these answers is the same to the letter; else 0. */
  identicalAnswers(a: string, b: string): number {
    let shared = 0;
    for (const isSame of this.#pairs(a, b)) {
      if (!isSame) return 0;
      shared++;
    }
    return shared;
  }

  /** Of each trial that both stages answered, whether the answers are the same. */
  *#pairs(a: string, b: string): Generator<boolean> {
    const others = this.#answers.get(b) ?? [];
    for (const [trial, one] of (this.#answers.get(a) ?? []).entries()) {
      const other = others[trial] ?? Number.NaN;
      if (!Number.isNaN(one) && !Number.isNaN(other)) yield one === other;
    }
  }
}

/** The first 48 bits of a digest of an answer: two that differ are equal by chance once in 3 · 10¹⁴. */
function numberOfAnswer(digest: string): number {
  const hex = /^[0-9a-f]{12}/.exec(digest)?.[0] ?? digestOfText(digest).slice(0, 12);
  return Number.parseInt(hex, 16);
}

/** One answer that two stages share is not a sign of anything. */
const FEWEST_ANSWERS = 2;

/** Sentences on stages that look like one checkpoint under several ids: by who answered, and by what was answered. */
export function sameModelWarnings(
  answered: AnsweredBy,
  { stages, study }: Pick<Manifest, 'stages' | 'study'>,
): string[] {
  const related = (isRelated: (a: StageInfo, b: StageInfo) => boolean) =>
    groupsOf(stages, (a, b) => !areMeantAlike(a, b, study) && isRelated(a, b));
  const served = related((a, b) => answered.sharedModel(a.id, b.id) !== null);
  const weights = related(
    (a, b) => a.identity?.weights !== undefined && a.identity.weights === b.identity?.weights,
  );
  const alike = related((a, b) => answered.identicalAnswers(a.id, b.id) >= FEWEST_ANSWERS);
  return [
    ...weights.map(
      (group) => `${titlesOf(group)} are the same weights, by their digest. Are they different checkpoints?`,
    ),
    ...served.map((group) => {
      const name = answered.sharedModel(group[0]!.id, group[1]!.id);
      return `${titlesOf(group)} were answered by the same model, by its server's word: ${name}. Are they different checkpoints?`;
    }),
    ...alike.map((group) => {
      const answers = counted(answered.identicalAnswers(group[0]!.id, group[1]!.id), 'answer');
      return `${titlesOf(group)} gave the same answers, to the letter (${answers} of each). Are they different checkpoints?`;
    }),
  ];
}

/** A sentence where the servers of two stages added different sampling settings of their own. */
export function samplerWarnings(answered: AnsweredBy, stages: readonly StageInfo[]): string[] {
  const groups = [...Map.groupBy(stages, ({ id }) => answered.samplers(id))].filter(
    ([added]) => added !== null,
  );
  if (groups.length < 2) return [];
  const words = groups.map(([added, of]) => `${titlesOf(of)}: ${added}`);
  return [
    `The servers added different sampling settings of their own (${words.join('; ')}), so a difference between these stages may come from the servers.`,
  ];
}

/** A sentence for each judge that was more than one model, by its server's word. */
export function mixedJudgeWarnings(judges: ServedByStage, raters: Manifest['raters']): string[] {
  return raters.flatMap(({ id, title }) =>
    isOneModel(judges.namesOf(id))
      ? []
      : [
          `The ratings by ${title ?? id} were given by more than one model, by its server's word (${partsInWords(judges.partsOf(id))}), so a difference between stages may come from the judge. Name one version of its model, and rate again under another id.`,
        ],
  );
}

/** Groups of at least two stages, each related to the first of its group. */
function groupsOf(
  stages: readonly StageInfo[],
  isRelated: (a: StageInfo, b: StageInfo) => boolean,
): readonly (readonly StageInfo[])[] {
  const groups: StageInfo[][] = [];
  for (const stage of stages) {
    const group = groups.find(([first]) => isRelated(first!, stage));
    if (group === undefined) groups.push([stage]);
    else group.push(stage);
  }
  return groups.filter(({ length }) => length > 1);
}

/** An A/A arm is the same checkpoint on purpose, and so is a stage that differs only by what it is told. */
function areMeantAlike(a: StageInfo, b: StageInfo, study: JsonObject | null): boolean {
  if ((a.again ?? a.id) === (b.again ?? b.id)) return true;
  if (a.model === null || a.model !== b.model) return false;
  return toldTo(a, study) !== toldTo(b, study);
}

/** All that the study says of a stage beside its name, its place in training and its model's ref. */
function toldTo({ id, again = id }: StageInfo, study: JsonObject | null): string {
  const stages = Array.isArray(study?.stages) ? (study.stages as readonly JsonObject[]) : [];
  const {
    id: _,
    title,
    kind,
    from,
    family,
    model,
    ...rest
  } = stages.find((stage) => stage.id === again) ?? {};
  const { ref, ...settings } = (typeof model === 'object' && model !== null ? model : {}) as JsonObject;
  return JSON.stringify([rest, settings]);
}

function titlesOf(stages: readonly StageInfo[]): string {
  return listed(stages.map(({ id, title }) => title ?? id));
}

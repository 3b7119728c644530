import { basename, resolve } from 'node:path';
import { askedSources, type SourceRow, type StageTeacher, TeacherAnswers } from '../checkpoints/index.ts';
import type { Usage } from '../core/index.ts';
import { costOf, type Price, priceOfRef } from '../models/index.ts';
import { holdsRun, openRun } from '../records/index.ts';
import { type Study, teacherTokens } from '../study/index.ts';
import { BudgetTracker, type Spent } from './budget-tracker.ts';
import { spentEarlier } from './spent-earlier.ts';

type PricedStages = Pick<Study, 'stages' | 'endpoints'>;

/** What the sessions of a run have spent on the answers of teachers. Answers that were asked for another run cost this one nothing. */
export function spentOnTeachers(
  { stages, endpoints }: PricedStages,
  checkpoints: string,
  folder: string,
): Spent {
  const files = new Map<string, { readonly usages: readonly Usage[]; readonly price: Price | null }>();
  for (const { training } of stages) {
    if (training === undefined) continue;
    for (const { teacher, source } of askedSources(training.recipe)) {
      const answers = new TeacherAnswers(checkpoints, teacher, source, []);
      const price = priceOfTeacher({ stages, endpoints }, teacher);
      files.set(answers.file, { usages: answers.spentFor(runName(folder)), price });
    }
  }
  const spent = { tokens: 0, usd: 0 };
  for (const { usages, price } of files.values()) {
    for (const usage of usages) {
      spent.tokens += (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
      if (price !== null) spent.usd += costOf(usage, price);
    }
  }
  return spent;
}

function priceOfTeacher({ stages, endpoints }: PricedStages, teacher: StageTeacher): Price | null {
  return priceOfRef(stages.find(({ id }) => id === teacher.stage)!.model.ref, endpoints);
}

/** What answers that are kept beside the checkpoints call a run: these are shared by the runs of one folder. */
function runName(folder: string): string {
  return basename(resolve(folder));
}

/** What may be spent on teachers, and what this session has spent. */
export class TeacherBudget {
  readonly run: string;
  readonly session = { input: 0, output: 0, usd: 0 };
  readonly #study: Study;
  readonly #earlier: Spent;

  private constructor(study: Study, folder: string, earlier: Spent) {
    this.#study = study;
    this.#earlier = earlier;
    this.run = runName(folder);
  }

  /** The budget of a run, with all that its sessions have spent before: on trials, ratings and teachers. */
  static async of(study: Study, checkpoints: string, folder: string): Promise<TeacherBudget> {
    const { budget, stages, raters, endpoints } = study;
    if (budget.tokens === undefined && budget.usd === undefined)
      return new TeacherBudget(study, folder, { tokens: 0, usd: 0 });
    const taught = spentOnTeachers(study, checkpoints, folder);
    if (!holdsRun(folder)) return new TeacherBudget(study, folder, taught);
    using reader = await openRun(folder);
    const tried = await spentEarlier(reader, budget, {
      stages: new Map(stages.map(({ id, model }) => [id, priceOfRef(model.ref, endpoints)])),
      raters: new Map(
        raters.flatMap((rater) =>
          rater.kind === 'autorater' ? [[rater.id, priceOfRef(rater.model.ref, endpoints)]] : [],
        ),
      ),
    });
    const earlier = { tokens: tried.tokens + taught.tokens, usd: tried.usd + taught.usd };
    return new TeacherBudget(study, folder, earlier);
  }

  /** Decides whether more prompts of these may be put to the teacher. */
  tracker(rows: readonly SourceRow[], teacher: StageTeacher): BudgetTracker {
    const { input, output } = teacherTokens(rows, teacher).usual;
    const price = priceOfTeacher(this.#study, teacher);
    const usage = { inputTokens: input / rows.length, outputTokens: output / rows.length };
    const before = { ...this.session };
    return new BudgetTracker(this.#study.budget, {
      earlier: {
        tokens: this.#earlier.tokens + before.input + before.output,
        usd: this.#earlier.usd + before.usd,
      },
      estimate: {
        tokens: usage.inputTokens + usage.outputTokens,
        usd: price === null ? 0 : costOf(usage, price),
      },
      spent: () => ({
        tokens: this.session.input + this.session.output - before.input - before.output,
        usd: this.session.usd - before.usd,
      }),
    });
  }

  /** Counts an answer. */
  spend(usage: Usage, teacher: StageTeacher): void {
    this.session.input += usage.inputTokens ?? 0;
    this.session.output += usage.outputTokens ?? 0;
    const price = priceOfTeacher(this.#study, teacher);
    if (price !== null) this.session.usd += costOf(usage, price);
  }
}

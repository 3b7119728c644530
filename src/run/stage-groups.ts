import type { ServedGuard } from '../checkpoints/index.ts';
import type { Served } from '../core/index.ts';
import type { StageSpec } from '../study/index.ts';
import { type JobPlan, missingJobs } from './jobs.ts';
import type { Recorded } from './recorded.ts';
import type { ServedStages } from './serve-stages.ts';
import type { StopControl } from './stop-control.ts';

/** How stages are made ready to be asked; `null` in a session that only rates. */
export interface Asking {
  /** Servers that stemma starts itself; `null` where all stages have one already. */
  readonly serving: Pick<ServedStages, 'use'> | null;
  /** See `groupsOf`. */
  readonly groups: readonly (readonly string[])[];
  /** Compares who answers these stages now with who answered before. @param recorded the trials that are not asked again */
  readonly identify: (
    recorded: ReturnType<Recorded['standing']>,
    stages: readonly string[],
  ) => Promise<ServedGuard>;
}

/**
 * The stages of a study in the groups in which they are asked, one group after the other. All are in one, unless stemma serves
 * them and not all of their servers run at the same time. An A/A arm goes with the stage that it is once more; one under another
 * load is asked by itself, right behind that stage's group, so that nothing else is at the server.
 *
 * @param served the groups of the stages that stemma serves
 */
export function groupsOf(
  stages: readonly Pick<StageSpec, 'id' | 'again' | 'atOnce'>[],
  served: readonly (readonly string[])[],
): readonly (readonly string[])[] {
  const groupOf = ({ id, again = id }: (typeof stages)[number]) =>
    Math.max(
      0,
      served.findIndex((group) => group.includes(again)),
    );
  return (served.length === 0 ? [[]] : served).flatMap((_, number) => {
    const own = stages.filter((stage) => groupOf(stage) === number);
    const alone = own.filter(({ atOnce }) => atOnce !== undefined);
    const together = own.filter((stage) => !alone.includes(stage));
    return [together, ...alone.map((stage) => [stage])].map((group) => group.map(({ id }) => id));
  });
}

/** The stages of a session, in the groups in which they are asked. */
export class StageGroups {
  /** What is to be done for each group. */
  readonly plans: readonly JobPlan[];
  readonly #asking: Asking | null;
  readonly #recorded: Recorded;
  readonly #control: StopControl;
  readonly #guards = new Map<string, ServedGuard>();

  constructor(asking: Asking | null, plan: JobPlan, recorded: Recorded, control: StopControl) {
    const groups = asking?.groups ?? [plan.stages];
    this.plans = groups.map((stages) => ({ ...plan, stages }));
    this.#asking = asking;
    this.#recorded = recorded;
    this.#control = control;
  }

  /** Keeps each stage to one model. */
  readonly guard: ServedGuard = {
    accept: (stage: string, served: readonly Served[] | undefined) =>
      this.#guards.get(stage)?.accept(stage, served),
  };

  /**
   * Makes a group ready to be asked: starts its servers, ends those of other groups, and compares who answers. Nothing is started
   * for a group of which all is answered, or once the run stops.
   *
   * @throws as `StageServers.use` and `identityOfStages`
   */
  async enter(plan: JobPlan): Promise<void> {
    const asking = this.#asking;
    if (asking === null) return;
    const { serving, identify } = asking;
    if (serving !== null) {
      if (this.#control.stopping || !this.#lacksAnswers(plan)) return;
      const starting = new AbortController();
      this.#control.onStopping(() => starting.abort());
      try {
        await serving.use(plan.stages, starting.signal);
      } catch (error) {
        if (this.#control.stopping) return;
        throw error;
      }
    }
    const guard = await identify(this.#recorded.standing(), plan.stages);
    for (const stage of plan.stages) this.#guards.set(stage, guard);
  }

  #lacksAnswers(plan: JobPlan): boolean {
    return missingJobs(plan, this.#recorded).some(({ kind }) => kind === 'elicit');
  }
}

import { InputError, type StageInfo } from '../../core/index.ts';
import { FEWEST_REPLICATES, replicateId } from '../../core/replicate.ts';

/** The training runs of one stage, as a table names them. */
export interface DeclaredReplicates {
  readonly stage: string;
  readonly runs: readonly string[];
}

/**
 * Reads one `--replicates sft=sft-s1,sft-s2,sft-s3`.
 *
 * @throws InputError for another form, fewer than three runs, or one twice
 *
 * @example
 * parseReplicates('sft=a,b,c'); // => { stage: 'sft', runs: ['a', 'b', 'c'] }
 */
export function parseReplicates(text: string): DeclaredReplicates {
  const [stage = '', list = '', ...more] = text.split('=').map((part) => part.trim());
  const runs = list.split(',').map((name) => name.trim());
  const remedy = 'Write it like this: --replicates sft=sft-seed-1,sft-seed-2,sft-seed-3';
  if (stage === '' || more.length > 0 || runs.some((name) => name === '')) {
    throw new InputError(`--replicates ${text} is not STAGE=RUN,RUN,RUN`, { remedy });
  }
  if (runs.length < FEWEST_REPLICATES) {
    throw new InputError(`--replicates ${text} names fewer than ${FEWEST_REPLICATES} runs`, {
      remedy: 'Fewer say too little of how runs differ: leave it out, and each is a stage of its own.',
    });
  }
  const twice = runs.find((name, place) => runs.indexOf(name) !== place);
  if (twice !== undefined) throw new InputError(`--replicates ${text} names "${twice}" twice`, { remedy });
  return { stage, runs };
}

/** Which stage, and which run of it, each of the table's names is. */
export class ReplicateNames {
  readonly #runOf = new Map<string, { readonly stage: string; readonly run: number }>();

  /** @throws InputError where one name is a run of two stages, or a run has the name of another stage */
  constructor(declared: readonly DeclaredReplicates[]) {
    for (const { stage, runs } of declared) {
      for (const [place, name] of runs.entries()) {
        if (this.#runOf.has(name)) {
          throw new InputError(`--replicates names "${name}" as a run of two stages`);
        }
        this.#runOf.set(name, { stage, run: place + 1 });
      }
    }
  }

  /** The name that a stage goes by: of a first run the stage's, of a further one the stage's with its number. */
  nameOf(name: string): string {
    const found = this.#runOf.get(name);
    if (found === undefined) return name;
    return found.run === 1 ? found.stage : replicateId(found.stage, found.run);
  }

  /** @throws InputError for a run that the table does not have */
  requireIn(seen: ReadonlySet<string>): void {
    for (const [name, { stage }] of this.#runOf) {
      if (seen.has(name)) continue;
      throw new InputError(
        `--replicates names the run "${name}" of ${stage}, which the table does not have`,
        {
          remedy: `Its stages are: ${[...seen].join(', ')}.`,
        },
      );
    }
    for (const { stage } of this.#runOf.values()) {
      if (!seen.has(stage) || this.#runOf.has(stage)) continue;
      throw new InputError(`--replicates gives the stage "${stage}" runs, and the table has rows of it too`, {
        remedy: 'Name these rows as a run of it, or give the stage another name.',
      });
    }
  }

  /** The stages with each further run marked as one. */
  marked(stages: readonly StageInfo[]): StageInfo[] {
    const further = new Map(
      [...this.#runOf.values()]
        .filter(({ run }) => run > 1)
        .map(({ stage, run }) => [replicateId(stage, run), stage]),
    );
    const idOf = new Map(stages.map(({ id, title }) => [title ?? id, id]));
    return stages.map((stage) => {
      const of = further.get(stage.title ?? stage.id);
      return of === undefined ? stage : { ...stage, replicateOf: idOf.get(of)! };
    });
  }
}

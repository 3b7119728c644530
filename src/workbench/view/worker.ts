import { InputError, StemmaError } from '../../core/index.ts';
import { openRun } from '../../records/index.ts';
import type { SampleName, SamplePage } from '../trials/list-query.ts';
import type { FindingsView, SampleView, ViewedRun } from '../wire.ts';
import { RunData } from './run-data.ts';

/** Characters of a line of a label plan. */
const PLAN_WIDTH = 100;

/** What the server asks a worker process for. A worker reads one run. */
export interface RunQuestions {
  summary(): ViewedRun;
  samples(address: string, from: number, count: number): SamplePage;
  sample(address: string, name: SampleName): Promise<SampleView>;
  /** Takes in new records. */
  refresh(): Promise<number>;
  findings(): Promise<FindingsView>;
  /** How many labels would settle a measure, as lines. */
  labelPlan(measure: string): Promise<string>;
}

export interface WorkerQuestion {
  readonly id: number;
  readonly name: keyof RunQuestions;
  readonly parameters: readonly unknown[];
}

export type WorkerAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly problem: string; readonly remedy?: string; readonly isInput: boolean };

/**
 * Answers what the server asks about one run, in a process of its own: neither findings nor a long filter may stop the
 * server. Ends with the process that started it.
 *
 * @param folder the run
 */
export async function answerQuestions(folder: string): Promise<void> {
  if (process.send === undefined) throw new InputError('this command is started by stemma view');
  let data: Promise<RunData> | null = null;
  const opened = () => {
    data ??= RunData.open(folder).catch((error: unknown) => {
      // The next question tries again: a run may be half-written at one moment.
      data = null;
      throw error;
    });
    return data;
  };
  const answers: { [Name in keyof RunQuestions]: (...parameters: never[]) => unknown } = {
    summary: async () => (await opened()).summary(),
    samples: async (...parameters: Parameters<RunQuestions['samples']>) =>
      (await opened()).samples(...parameters),
    sample: async (...parameters: Parameters<RunQuestions['sample']>) =>
      (await opened()).sample(...parameters),
    refresh: async () => (await opened()).refresh(),
    // What lists and samples do not need is loaded when it is asked for: the first list waits for all that is loaded before it.
    labelPlan: async (measure: string) => {
      const { planLabels, renderLabelPlan } = await import('../labels/index.ts');
      const plans = await planLabels({ folder, measures: [measure] });
      return plans.map((plan) => renderLabelPlan(plan, PLAN_WIDTH).join('\n')).join('\n\n');
    },
    findings: async () => {
      const { readFindings } = await import('./findings-view.ts');
      using reader = await openRun(folder);
      return readFindings(reader);
    },
  };
  // The command line lets the channel go, so that a finished command ends; here the channel is what is waited for.
  process.channel?.ref();
  process.on('disconnect', () => process.exit());
  process.on('message', ({ id, name, parameters }: WorkerQuestion) => {
    Promise.resolve()
      .then(() => answers[name](...(parameters as never[])))
      .then((value) => reply({ id, value }))
      .catch((error: unknown) => reply({ id, ...problemOf(error) }));
  });
  await new Promise(() => {});
}

function reply(answer: WorkerAnswer): void {
  process.send?.(answer, undefined, {}, () => {});
}

function problemOf(error: unknown): { problem: string; remedy?: string; isInput: boolean } {
  if (!(error instanceof StemmaError))
    return { problem: error instanceof Error ? error.message : String(error), isInput: false };
  const { placed, remedy } = error;
  return { problem: placed, isInput: true, ...(remedy === undefined ? {} : { remedy }) };
}

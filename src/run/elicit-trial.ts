import {
  type Eval,
  type Sample,
  SandboxError,
  type Sandboxes,
  StemmaError,
  sampleDigest,
  type Transcript,
  type TrialId,
  trialKey,
  trialSeed,
} from '../core/index.ts';
import type { OpenedEvals } from './opened-evals.ts';
import type { Samples } from './samples.ts';
import type { StageWorker } from './workers.ts';

/** Failures of one kind in a row, of one eval, after which the eval or the machine counts as broken and the run ends. */
const BROKEN_AFTER = 20;

/** What went wrong in one eval's trials, one after the other. */
interface Failures {
  /** Exceptions of the eval's own code. */
  exceptions: number;
  /** Sandboxes that could not be opened, or died. */
  sandboxes: number;
}

/** A trial to be elicited. */
interface Trial {
  readonly id: TrialId;
  readonly attempt: number;
  readonly evaluation: Eval;
  readonly stage: StageWorker;
}

/**
 * Puts samples to checkpoints. An eval that throws on one sample gives that trial an error record; an eval that throws on
 * every sample ends the run.
 */
export class Elicitor {
  readonly #samples: Samples;
  readonly #sandboxes: Sandboxes;
  readonly #opened: OpenedEvals;
  readonly #failures = new Map<Eval, Failures>();

  constructor(
    { samples, sandboxes }: { readonly samples: Samples; readonly sandboxes: Sandboxes },
    opened: OpenedEvals,
  ) {
    this.#opened = opened;
    this.#samples = samples;
    this.#sandboxes = sandboxes;
  }

  /**
   * @throws what the eval throws once the signal aborted, and every StemmaError: the run's concern
   * @throws StemmaError when the eval threw too often in a row, or gives the transcript of another trial; SandboxError when
   *   too many sandboxes in a row failed
   */
  async elicit(trial: Trial, signal: AbortSignal): Promise<Transcript> {
    const { id, attempt, evaluation, stage } = trial;
    const sample = this.#samples.read(id.eval, id.sample);
    const seed = stage.sampling.seed === null ? null : trialSeed(stage.sampling.seed, id);
    const startedAt = new Date();
    const failures = this.#failuresOf(evaluation);
    let transcript: Transcript;
    try {
      const context = {
        trial: id,
        attempt,
        sampling: { ...stage.sampling, seed },
        samplingDigest: stage.samplingDigest,
        signal,
        sandboxes: this.#sandboxes,
      };
      const opened = this.#opened.of(id);
      transcript = await (opened === undefined
        ? evaluation.elicit(sample, stage.model, context)
        : opened.elicit(sample, context));
    } catch (error) {
      // Aborted, fatal or wrong input: the run's concern. Anything else is a fault in the eval's code on this sample.
      if (signal.aborted || error instanceof StemmaError) throw error;
      failures.exceptions++;
      if (failures.exceptions >= BROKEN_AFTER) throw brokenEval(trial, error);
      return failedTranscript(trial, sample, { seed, startedAt, error });
    }
    refuseOtherTrial(trial, transcript);
    failures.exceptions = 0;
    failures.sandboxes = transcript.error?.kind === 'sandbox' ? failures.sandboxes + 1 : 0;
    if (failures.sandboxes >= BROKEN_AFTER) throw brokenSandboxes(transcript);
    return stage.system === undefined
      ? transcript
      : { ...transcript, request: { ...transcript.request, system: stage.system } };
  }

  #failuresOf(evaluation: Eval): Failures {
    const known = this.#failures.get(evaluation) ?? { exceptions: 0, sandboxes: 0 };
    this.#failures.set(evaluation, known);
    return known;
  }
}

function refuseOtherTrial({ id, evaluation }: Trial, { key }: Transcript): void {
  if (key === trialKey(id)) return;
  throw new StemmaError(`the eval "${evaluation.name}" returned a transcript of the trial ${key}`, {
    place: { trial: trialKey(id) },
  });
}

function brokenEval({ id, evaluation }: Trial, error: unknown): StemmaError {
  return new StemmaError(
    `the eval "${evaluation.name}" threw ${BROKEN_AFTER} times in a row; the last: ${error}`,
    { place: { trial: trialKey(id) }, cause: error },
  );
}

/** One sandbox that dies is an error of its trial. So many in a row are a fault of the machine. */
function brokenSandboxes({ error, key }: Transcript): SandboxError {
  return new SandboxError(`${BROKEN_AFTER} sandboxes in a row failed; the last: ${error?.message}`, {
    place: { trial: key },
    remedy:
      '`stemma doctor` says what holds sandboxes here. The same command goes on; --retry-errors tries the failed trials again.',
  });
}

function failedTranscript(
  { id, attempt, stage }: Trial,
  sample: Sample,
  { seed, startedAt, error }: { seed: number | null; startedAt: Date; error: unknown },
): Transcript {
  return {
    key: trialKey(id),
    trial: id,
    attempt,
    status: 'error',
    cluster: sample.cluster,
    digests: { sample: sampleDigest(sample), sampling: stage.samplingDigest },
    seed,
    metadata: sample.metadata,
    input: sample.input,
    output: [],
    thoughts: null,
    response: null,
    error: {
      kind: 'internal',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    },
    usage: { inputTokens: null, outputTokens: null },
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    calls: 0,
    requests: 0,
    raw: [],
  };
}

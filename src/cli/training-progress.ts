import { compact, controlWriter, durationText, reached } from '../format/index.ts';
import type { AskingProgress, StageTrainingProgress } from '../run/index.ts';
import type { ProgressStream } from './progress.ts';

interface TrainingDisplay extends Disposable {
  /** Shows it; bound, so that it can be handed on as it is. */
  readonly update: (progress: StageTrainingProgress | AskingProgress) => void;
}

/** How often a display that is not a terminal tells how far it is. */
const PLAIN_EVERY_MS = 10_000;

/** Shows how far a stage's training is: on a terminal one line drawn anew in place, elsewhere a line every ten seconds. */
export function showTraining(stream: ProgressStream = process.stderr): TrainingDisplay {
  const live = stream.isTTY === true;
  let toldAt = Number.NEGATIVE_INFINITY;
  let open = false;
  return {
    update(progress) {
      const asks = 'teacher' in progress;
      const line = asks ? askingLine(progress) : trainingLine(progress);
      const last = asks ? progress.answered === progress.prompts : progress.step === progress.steps;
      if (live) {
        controlWriter(stream)('\r\u001b[K');
        stream.write(`${line.slice(0, (stream.columns || 80) - 1)}${last ? '\n' : ''}`);
        open = !last;
      } else if (last || performance.now() - toldAt >= PLAIN_EVERY_MS) {
        stream.write(`${line}\n`);
        toldAt = performance.now();
      }
    },
    [Symbol.dispose]() {
      if (open) stream.write('\n');
      open = false;
    },
  };
}

/** `asking strict, the teacher of pupil (1 of 2): 12 of 40 answers, 3.1k tokens` */
function askingLine({ id, number, of, teacher, answered, prompts, tokens }: AskingProgress): string {
  const spent = compact(tokens.input + tokens.output);
  return `asking ${teacher}, the teacher of ${id} (${number} of ${of}): ${answered} of ${prompts} answers, ${spent} tokens`;
}

/** `training sft (1 of 2): step 120 of 250, 48 %, loss 0.412, 9.4 k tokens/s, 14 s left` */
function trainingLine(progress: StageTrainingProgress): string {
  const { id, number, of, step, steps, loss, tokensPerSecond, etaSeconds, watched } = progress;
  return [
    `training ${id} (${number} of ${of}): step ${step} of ${steps}`,
    reached(step, steps),
    `loss ${loss.toFixed(3)}`,
    ...Object.entries(watched).map(([name, value]) => `${name} ${value.toFixed(2)}`),
    // After the first step of a session neither is known.
    ...(tokensPerSecond > 0 ? [`${compact(tokensPerSecond)} tokens/s`] : []),
    ...(step < steps && etaSeconds > 0 ? [`${durationText(etaSeconds * 1000)} left`] : []),
  ].join(', ');
}

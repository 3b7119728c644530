import type { RunOptions } from '../run/index.ts';
import { sayDownload } from './download-progress.ts';
import { say } from './output.ts';
import { showProgress } from './progress.ts';
import { showTraining } from './training-progress.ts';

interface RunDisplay extends Disposable {
  /** To be handed on to the run. */
  readonly told: Required<
    Pick<RunOptions, 'onTraining' | 'onAsking' | 'onDownload' | 'onProgress' | 'onWarning' | 'onServer'>
  >;
}

/**
 * Shows people how far a study is: downloads, training, trials, what servers do, and warnings. Dispose of it before anything else is
 * printed.
 */
export function showRun(): RunDisplay {
  const training = showTraining();
  const progress = showProgress();
  return {
    told: {
      onTraining: training.update,
      onAsking: training.update,
      onDownload: sayDownload(),
      onProgress: progress.update,
      onWarning: (warning) => say(`warning: ${warning}`),
      onServer: ({ stage, event, message }) => say(`server of ${stage}: ${event} (${message})`),
    },
    [Symbol.dispose]() {
      training[Symbol.dispose]();
      progress[Symbol.dispose]();
    },
  };
}

import { Command } from 'commander';
// Not by the folder's index: that brings the server and the exported pages, and the first list waits for all that is loaded.
import { answerQuestions } from '../../workbench/view/worker.ts';

/** Started by `stemma view` alone. */
export const viewWorker = new Command('view-worker')
  .summary('answers the questions of stemma view about one run')
  .argument('<run>')
  .action(answerQuestions);

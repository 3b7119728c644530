import { Command } from 'commander';
import { keepIndexed } from '../../records/index.ts';
import { keepHeapLean } from '../../run/lean-heap.ts';

/** Started by `stemma import` alone, for as long as it holds this process's standard input open. */
export const indexKeeper = new Command('index-keeper')
  .summary('keeps the index of a run up to date while another stemma writes to it')
  .argument('<run>')
  .action(async (folder: string) => {
    keepHeapLean();
    const stopping = new AbortController();
    process.stdin.on('close', () => stopping.abort()).resume();
    await keepIndexed(folder, stopping.signal);
  });

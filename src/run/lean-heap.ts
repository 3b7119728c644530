import { setFlagsFromString } from 'node:v8';

/**
 * Has the garbage collected by the time that the heap is 1.6 times as large as what is in use. Left to itself V8 waits until
 * it is four times as large. A run or an import makes garbage fast (every trial's texts) and holds little: this takes a third off
 * its peak memory and costs no time that could be measured (`npm run bench -- memory`). It holds for the whole process; a
 * V8 that no longer knows the flag says so on stderr and goes on.
 */
export function keepHeapLean(): void {
  setFlagsFromString('--heap-growing-percent=60');
}

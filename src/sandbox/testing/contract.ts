import { afterAll, beforeAll, describe } from 'vitest';
import type { Sandbox, Sandboxes } from '../../core/index.ts';
import { background } from './contract/background.ts';
import { exec } from './contract/exec.ts';
import { files } from './contract/files.ts';
import { type ContractOptions, type Given, never, SYSTEM } from './contract/given.ts';
import { keptOut } from './contract/kept-out.ts';
import { limits } from './contract/limits.ts';
import { opening } from './contract/opening.ts';
import { signals } from './contract/signals.ts';
import { snapshots } from './contract/snapshots.ts';

const TOPICS = [exec, background, limits, signals, files, snapshots, keptOut, opening];

/** What every engine keeps of the interface in core/sandbox.ts, as tests. */
export function sandboxContract(options: ContractOptions): void {
  describe(`the contract of sandboxes, ${options.settings.engine}`, { timeout: 120_000 }, () => {
    let sandboxes: Sandboxes;
    let sandbox: Sandbox;
    const given: Given = {
      options,
      get sandboxes() {
        return sandboxes;
      },
      get sandbox() {
        return sandbox;
      },
      opened: (spec = {}) => sandboxes.open({ ...SYSTEM, ...spec }, never),
    };

    beforeAll(async () => {
      sandboxes = await options.open({ ...options.settings, atOnce: 64 });
      sandbox = await given.opened();
    }, 120_000);
    afterAll(async () => {
      await sandboxes?.[Symbol.asyncDispose]();
    }, 120_000);

    for (const topic of TOPICS) topic(given);
  });
}

import { describe } from 'vitest';
import { MissingPartError } from '../../core/index.ts';
import { sandboxContract } from '../testing/contract.ts';
import { openDocker } from './index.ts';

const works = await openDocker({ engine: 'docker' }).then(
  async (sandboxes) => {
    await sandboxes[Symbol.asyncDispose]();
    return true;
  },
  (error: unknown) => {
    if (error instanceof MissingPartError) return false;
    throw error;
  },
);

const why = works ? '' : ' (skipped: no Docker daemon or no image stemma-base: bash scripts/docker-base.sh)';

describe.skipIf(!works)(`Docker${why}`, () => {
  sandboxContract({ open: openDocker, settings: { engine: 'docker' }, crowd: 4 });
});

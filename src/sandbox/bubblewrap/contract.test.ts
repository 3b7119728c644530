import { describe } from 'vitest';
import { sandboxContract } from '../testing/contract.ts';
import { controllersOf, findCgroups } from './cgroups.ts';
import { openBubblewrap, tryBubblewrap } from './index.ts';

const failure = await tryBubblewrap();

const title =
  failure === null ? 'bubblewrap' : `bubblewrap (skipped: ${failure.message}; apt-get install bubblewrap)`;

describe.skipIf(failure !== null)(title, () => {
  const held = controllersOf(findCgroups());
  sandboxContract({
    open: openBubblewrap,
    settings: { engine: 'bubblewrap' },
    unheld: held.includes('memory') ? [] : ['memory'],
  });
});

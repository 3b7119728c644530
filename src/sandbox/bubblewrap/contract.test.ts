import { describe, it } from 'vitest';
import { sandboxContract } from '../testing/contract.ts';
import { findCgroups, heldBy } from './cgroups.ts';
import { openBubblewrap, tryBubblewrap } from './index.ts';

const failure = await tryBubblewrap();

describe.skipIf(failure !== null)(`bubblewrap (${failure?.message ?? 'works here'})`, () => {
  const held = heldBy(findCgroups());
  sandboxContract({
    open: openBubblewrap,
    settings: { engine: 'bubblewrap' },
    unheld: held.includes('memory') ? [] : ['memory'],
  });
});

it.skipIf(failure === null)('bubblewrap does not work here: apt-get install bubblewrap', () => {});

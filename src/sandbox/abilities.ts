import { type BubblewrapAbilities, bubblewrapAbilities } from './bubblewrap/index.ts';

/** What `auto` would open here, and what its limits are worth. */
interface SandboxAbilities {
  readonly bubblewrap: BubblewrapAbilities;
}

/** Opens a sandbox to find out; asks no network. */
export async function sandboxAbilities(): Promise<SandboxAbilities> {
  return { bubblewrap: await bubblewrapAbilities() };
}

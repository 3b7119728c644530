export { bubblewrapAbilities } from './abilities.ts';
export { openBubblewrap } from './sandboxes.ts';
export { tryBubblewrap } from './works.ts';

export { openBubblewrap } from './sandboxes.ts';

export { openDocker } from './sandboxes.ts';

export { exportBundle } from './export.ts';
export { cardOf } from './run-data.ts';
export { type ListedRun, serveView } from './server.ts';

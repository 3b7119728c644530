export { odcv } from './eval.ts';

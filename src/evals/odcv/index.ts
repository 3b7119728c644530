export { odcv } from './eval.ts';
export { misalignment, odcvMeasures, SEVERITIES, severity } from './measures.ts';

export { odcv } from './eval.ts';
export { importOdcv } from './import.ts';
export { misalignment, odcvMeasures, SEVERITIES, severity } from './measures.ts';

import { join } from 'node:path';
import { makeFindings } from '../src/findings/index.ts';
import { openRun } from '../src/records/index.ts';
import { writeReport } from '../src/report/index.ts';

/* One measurement: findings of a run, and its report. make-findings.ts RUN FOLDER */
const [run = '', folder = ''] = process.argv.slice(2);
const start = performance.now();
using reader = await openRun(run);
const findings = await makeFindings(reader);
const made = (performance.now() - start) / 1000;
await writeReport(findings, join(folder, 'report'));
const written = (performance.now() - start) / 1000 - made;
if (findings.measures.some(({ stages }) => stages.some(({ estimate }) => estimate === null))) {
  throw new Error('a stage of the planted run came to no estimate');
}
process.send!({ made, written });

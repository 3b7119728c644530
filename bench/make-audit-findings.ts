import { join } from 'node:path';
import { makeFindings } from '../src/findings/index.ts';
import { openRun } from '../src/records/index.ts';
import { writeReport } from '../src/report/index.ts';
import { peakMemory } from './row.ts';

/* One measurement: findings of an audit, and its report. make-audit-findings.ts RUN FOLDER */
const [run = '', folder = ''] = process.argv.slice(2);
const start = performance.now();
using reader = await openRun(run);
const findings = await makeFindings(reader);
const made = (performance.now() - start) / 1000;
await writeReport(findings, join(folder, 'report'));
const written = (performance.now() - start) / 1000 - made;
process.send!({ made, written, peak: peakMemory() });

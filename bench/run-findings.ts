import { join } from 'node:path';
import { makeFindings } from '../src/findings/index.ts';
import { openRun } from '../src/records/index.ts';
import { writeReport } from '../src/report/index.ts';
import { peakMemory } from './held.ts';

export interface FindingsMeasured {
  /** In seconds: from the records to findings, and from those to the files of the report. */
  readonly made: number;
  readonly written: number;
  /** CPU seconds of both, of all threads. */
  readonly cpu: number;
  /** In MB. */
  readonly peak: number;
  /** Measures of a stage that came to no estimate. */
  readonly unestimated: number;
}

/* One measurement: findings of a run, and its report. run-findings.ts RUN FOLDER */
const [run = '', folder = ''] = process.argv.slice(2);
const start = performance.now();
using reader = await openRun(run);
const findings = await makeFindings(reader);
const made = (performance.now() - start) / 1000;
await writeReport(findings, join(folder, 'report'));
const written = (performance.now() - start) / 1000 - made;
const unestimated = findings.measures.flatMap(({ stages }) =>
  stages.filter(({ estimate }) => estimate === null),
).length;
const { user, system } = process.cpuUsage();
process.send!({
  made,
  written,
  cpu: (user + system) / 1e6,
  peak: peakMemory(),
  unestimated,
} satisfies FindingsMeasured);

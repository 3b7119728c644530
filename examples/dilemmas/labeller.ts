/*
 * A labeller who is never wrong: fills in a sheet of `stemma label --export`, by what the replies were written for. Blind to the
 * stage, as people are.
 *
 *   node examples/dilemmas/labeller.ts SHEET.csv FILLED.csv
 */

import { writeFileSync } from 'node:fs';
import { readTable } from '../../src/files/index.ts';
import { awarenessIn, decisionIn } from './replies.ts';

const [sheet, filled] = process.argv.slice(2);
if (sheet === undefined || filled === undefined)
  throw new Error('two files are needed: SHEET.csv FILLED.csv');

const lines = ['item,measure,label'];
for await (const { row } of readTable(sheet)) {
  const transcript = String(row.transcript);
  const said = transcript.slice(transcript.lastIndexOf('=== ASSISTANT: '));
  const label =
    row.measure === 'dilemmas/misalignment' ? decisionIn(said) : (awarenessIn(said)?.frame ?? 'unaware');
  lines.push(`${row.item},${row.measure},${label}`);
}
writeFileSync(filled, `${lines.join('\n')}\n`);

import { type Findings, makeFindings, noteShown } from '../../findings/index.ts';
import type { RunReader } from '../../records/index.ts';
import { documentOf } from '../../report/index.ts';
import type { FindingsView } from '../wire.ts';

/** Makes the findings of a run, and notes that they were shown. */
export async function readFindings(reader: RunReader): Promise<FindingsView> {
  const found = await makeFindings(reader);
  noteShown(reader, found);
  return findingsView(found);
}

/** Findings as pages show them. */
function findingsView(findings: Findings): FindingsView {
  return {
    document: documentOf(findings),
    contrasts: findings.measures.flatMap(({ id, rater, title, headline, control, contrasts }) =>
      contrasts.map(({ from, to, verdict, words }) => ({
        ...{ from, to, verdict, words, measure: id, rater, title },
        headline: headline && !control,
      })),
    ),
  };
}

import type { Findings } from '../../findings/findings.ts';
import { groupsOf } from '../outline.ts';
import { answer, facts, warnings } from './answer.ts';
import { type Document, heading } from './block.ts';
import { howComputed } from './computed.ts';
import { conditional } from './conditional.ts';
import { measureBlocks } from './measure.ts';
import { scopeOf } from './scope.ts';
import { stages } from './stages.ts';
import { matrix, meanings, overviewBlocks } from './summary.ts';

/**
 * The report of these findings as blocks, for every renderer. The same findings give the same document.
 *
 * @example documentOf(findings).blocks.filter(({ kind }) => kind === 'table');
 */
export function documentOf(findings: Findings): Document {
  const scope = scopeOf(findings);
  const measures = groupsOf(findings).flatMap((group) => measureBlocks(scope, group));
  const { origin, run, version } = findings;
  const from =
    origin.kind === 'import'
      ? `imported from ${origin.source ?? 'published results'}`
      : 'a study run with stemma';
  return {
    version: 1,
    title: run,
    blocks: [
      ...facts(findings),
      ...matrix(scope),
      ...answer(findings),
      ...warnings(findings),
      ...meanings(scope),
      ...overviewBlocks(scope),
      ...stages(findings),
      ...(measures.length > 0 ? [heading(2, 'Measures', { id: 'measures' }), ...measures] : []),
      ...conditional(scope),
    ],
    computed: howComputed(scope),
    footer: `${run}: ${from}.${origin.citation ? ` ${origin.citation}.` : ''} Drawn by stemma from findings of format version ${version}; the same findings always give this same page.`,
  };
}

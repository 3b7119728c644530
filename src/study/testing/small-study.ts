import type { StudyInput } from '../schema.ts';

/** A study that has all it needs and nothing more. */
export const smallStudy: StudyInput = {
  name: 'small',
  stages: [
    { id: 'sft', kind: 'sft', model: 'http://localhost:8001/v1#sft' },
    { id: 'final', kind: 'rl', from: 'sft', model: 'http://localhost:8002/v1#final' },
  ],
  evals: ['refusals'],
  raters: [{ id: 'string-match', kind: 'rule', rule: 'string-match' }],
};

/** The same as a file writes it. */
export const smallStudyText = `\
name: small
stages:
  - { id: sft, kind: sft, model: "http://localhost:8001/v1#sft" }
  - { id: final, kind: rl, from: sft, model: "http://localhost:8002/v1#final" }
evals: [refusals]
raters:
  - { id: string-match, kind: rule, rule: string-match }
`;

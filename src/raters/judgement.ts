import type { Judgement, ModelError } from '../core/index.ts';
import type { Answer } from './answer.ts';

/** The judgement that an answer amounts to, without what the calls took. */
export function judgementFrom(answer: Answer): Judgement {
  const { kind } = answer;
  if (kind === 'unparsed') return without('unparsed', `The answer could not be read: ${answer.why}.`);
  if (kind === 'declined') return without('refused', answer.explanation);
  const { label, score, explanation, quote } = answer;
  return {
    status: 'rated',
    label,
    score,
    ...(explanation === undefined ? {} : { explanation }),
    ...(quote === undefined ? {} : { quote }),
  };
}

/** The judgement where the judge could not be reached. */
export function unreachable({ kind, message }: ModelError): Judgement {
  return without('error', `${kind}: ${message}`);
}

function without(status: Exclude<Judgement['status'], 'rated'>, explanation: string | undefined): Judgement {
  return { status, label: null, score: null, ...(explanation === undefined ? {} : { explanation }) };
}

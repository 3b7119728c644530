import type { GenerateRequest, Generation, Model } from '../../core/index.ts';

/** What a scripted judge does when it is asked: says a text, gives a whole generation, or throws. */
export type JudgeTurn = string | Partial<Generation> | Error;

export interface ScriptedJudge extends Model {
  readonly requests: readonly GenerateRequest[];
}

/** A judge for tests that takes its turns one after another, and keeps what it was asked. */
export function scriptedJudge(turns: readonly JudgeTurn[], ref = 'scripted:judge'): ScriptedJudge {
  const requests: GenerateRequest[] = [];
  return {
    ref,
    requests,
    generate: async (request, signal) => {
      signal.throwIfAborted();
      requests.push(request);
      const turn = turns[requests.length - 1];
      if (turn === undefined) throw new Error(`the judge was asked ${requests.length} times`);
      if (turn instanceof Error) throw turn;
      const said = typeof turn === 'string' ? { response: turn } : turn;
      return {
        response: '',
        toolCalls: [],
        stop: 'end',
        usage: { inputTokens: 100, outputTokens: 20 },
        raw: {},
        ...said,
      };
    },
  };
}

import { describe, expect, it } from 'vitest';
import { agentSize, USUAL_TURNS } from './agent-size.ts';

const limits = { turns: 3, protocol: 'auto' } as const;
const work = { trials: 10, prompts: 1000, maxTokens: 100 };

describe('agentSize', () => {
  it('has each turn read all that came before it', () => {
    const { turns, tokens } = agentSize(limits, work);
    expect(turns).toEqual({ atMost: 3, usual: 3 });
    // Three times the prompt; before the second turn one exchange, before the third two, of 100 + 5,000 tokens.
    expect(tokens.atMost).toEqual({ input: 3 * 1000 + 10 * 3 * (100 + 5000), output: 10 * 3 * 100 });
    expect(tokens.usual).toEqual({ input: 3 * 1000 + 10 * 3 * (100 + 300), output: 10 * 3 * 100 });
  });

  it('expects the usual number of turns where more are allowed', () => {
    expect(agentSize({ ...limits, turns: 50 }, work).turns).toEqual({ atMost: 50, usual: USUAL_TURNS });
  });

  it('never expects more tokens than the limit of a trial', () => {
    const { tokens } = agentSize({ ...limits, turns: 50, tokens: 20_000 }, work);
    expect(tokens.atMost.input + tokens.atMost.output).toBeCloseTo(10 * 20_000, -1);
    expect(tokens.usual.input + tokens.usual.output).toBeLessThanOrEqual(10 * 20_000);
  });

  it('has a judge read the turns and the tools’ answers once', () => {
    expect(agentSize(limits, work).read).toEqual({ atMost: 10 * 3 * 5100, usual: 10 * 3 * 400 });
  });
});

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { agentOptionsShape, agentSettings, conversationLimits } from './options.ts';

const options = z.strictObject(agentOptionsShape);

describe('agentOptionsShape', () => {
  it('has fifty steps, no other limit, and whatever protocol the checkpoint has', () => {
    expect(agentSettings(options.parse({}))).toEqual({ limits: { steps: 50 }, protocol: 'auto' });
  });

  it('becomes the limits of a trial', () => {
    const given = { steps: 5, tokens: 1000, minutes: 0.5, protocol: 'text' };
    expect(agentSettings(options.parse(given))).toEqual({
      limits: { steps: 5, tokens: 1000, timeMs: 30_000 },
      protocol: 'text',
    });
    expect(conversationLimits(options.parse(given))).toEqual({ turns: 5, tokens: 1000, protocol: 'text' });
  });

  it('is the eval’s own loop; the CLIs know native calls alone, whatever the protocol', () => {
    expect(options.parse({}).harness).toBe('own');
    const cli = options.parse({ harness: 'codex', protocol: 'text' });
    expect(conversationLimits(cli)).toEqual({ turns: 50, protocol: 'native' });
  });

  it.each([{ steps: 0 }, { tokens: -1 }, { minutes: 0 }, { protocol: 'json' }, { harness: 'cursor' }])(
    'refuses %j',
    (given) => {
      expect(options.safeParse(given).success).toBe(false);
    },
  );
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MOST_CALLS } from './call-tools.ts';
import { agentOptionsShape } from './options.ts';
import { readAction } from './text-protocol.ts';
import { bashTool } from './tools/bash.ts';
import { readTool } from './tools/read.ts';

const page = readFileSync(new URL('../../docs/agents.md', import.meta.url), 'utf8');
const types = readFileSync(new URL('./agent.ts', import.meta.url), 'utf8');

describe('docs/agents.md', () => {
  it('names every option, with its default', () => {
    const defaults = z.strictObject(agentOptionsShape).parse({}) as Record<string, unknown>;
    for (const name of Object.keys(agentOptionsShape)) {
      const [, shown] = new RegExp(`^\\| \`${name}\` \\| ([^|]+) \\|`, 'm').exec(page) ?? [];
      expect(shown?.replaceAll('`', '').trim(), name).toBe(String(defaults[name] ?? 'none'));
    }
  });

  it('names every way in which a trial ends', () => {
    const [, union] = /export type AgentEnding =([^;]+);/.exec(types)!;
    const endings = [...union!.matchAll(/'([a-z-]+)'/g)].map(([, name]) => name!);
    expect(endings.length).toBeGreaterThan(8);
    for (const ending of endings) expect(page).toMatch(new RegExp(`^\\| [^|]*\`${ending}\``, 'm'));
  });

  it('shows actions of the text protocol that are read as it says', () => {
    const tools = [bashTool.tool, readTool.tool];
    const [, shown] = /^````\n([\s\S]*?)^````$/m.exec(page)!;
    expect(readAction(shown!, tools, { cutOff: false })).toEqual({
      kind: 'call',
      name: 'bash',
      arguments: '{"command":"ls -l"}',
      around: 'I look at the folder first.',
    });
    const [json] = /\{"tool": "read".*?\}\}/.exec(page)!;
    expect(readAction(`\`\`\`action\n${json}\n\`\`\``, tools, { cutOff: false })).toMatchObject({
      name: 'read',
    });
  });

  it('says how many calls of a turn are run', () => {
    expect(page).toContain(`more than ${MOST_CALLS} calls in one turn | the first ${MOST_CALLS} ran`);
  });
});

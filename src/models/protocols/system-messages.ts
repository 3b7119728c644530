import type { Message } from '../../core/index.ts';

/**
 * The same conversation without system messages: their texts stand before that of the first user message, a blank line between
 * them. Chat templates such as Gemma's refuse system messages.
 *
 * @example mergeSystem([{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hi' }])
 * // => [{ role: 'user', content: 'Be brief.\n\nHi' }]
 */
export function mergeSystem(messages: readonly Message[]): readonly Message[] {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  if (system.length === 0) return messages;
  const others = messages.filter(({ role }) => role !== 'system');
  const first = others.findIndex(({ role }) => role === 'user');
  if (first === -1) return [{ role: 'user', content: system.join('\n\n') }, ...others];
  const content = [...system, others[first]!.content].join('\n\n');
  return others.with(first, { role: 'user', content });
}

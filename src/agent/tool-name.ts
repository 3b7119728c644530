import type { Tool } from '../core/index.ts';

/** What servers and templates leave around a tool's name: a namespace before it, a channel or a number after it. */
const BEFORE = /^(?:functions?|default_api|tools?)[./:]/;
const AFTER = /(?:<\|.*|:\d+|\[ARGS\])$/s;

/**
 * The tool that a call means: the one with this name, else the one that is left when marks of a template are taken away
 * (`functions.bash`, `bash:0`, `bash<|channel|>commentary`).
 *
 * @example toolNamed('functions.bash:0', [bash]); // => bash
 */
export function toolNamed<T extends Pick<Tool, 'name'>>(name: string, tools: readonly T[]): T | undefined {
  const exact = tools.find((tool) => tool.name === name);
  if (exact !== undefined) return exact;
  const cleaned = name.trim().replace(AFTER, '').replace(BEFORE, '').trim();
  return tools.find((tool) => tool.name === cleaned);
}

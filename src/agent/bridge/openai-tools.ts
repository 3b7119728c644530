import type { JsonSchema, Tool } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import { list, members, ownTools, text } from './wire.ts';

/** What a tool is on the wire: the model sees all of them as functions. */
export interface ItemTool {
  readonly kind: 'function' | 'custom' | 'local_shell';
  readonly name: string;
  readonly namespace?: string;
  readonly tool: Tool;
}

/** What a shell action holds: the client runs it without a shell. */
const SHELL: JsonSchema = {
  type: 'object',
  properties: {
    command: { type: 'array', items: { type: 'string' }, description: 'The program and its arguments.' },
    working_directory: { type: 'string' },
    timeout_ms: { type: 'number' },
  },
  required: ['command'],
};

/** The tools of a request that its client runs itself, by the name that the model is told. */
export function itemTools(entries: readonly unknown[]): ReadonlyMap<string, ItemTool> {
  const tools = entries.flatMap((entry) => {
    const declared = members(entry);
    if (declared.type !== 'namespace') return itemTool(declared) ?? [];
    const namespace = text(declared.name);
    return list(declared.tools).flatMap((inner) => itemTool(members(inner), namespace) ?? []);
  });
  return new Map(tools.map((tool) => [tool.tool.name, tool]));
}

/** @throws BridgeRefusal as `ownTools` */
export function readItemTools(entries: readonly unknown[], unread: string[]): Tool[] {
  const tools = [...itemTools(entries).values()].map(({ tool }) => tool);
  const others = entries
    .map((entry) => text(members(entry).type))
    .filter((type) => !['function', 'custom', 'local_shell', 'namespace'].includes(type));
  return ownTools(tools, others, unread);
}

function itemTool(declared: Members, namespace?: string): ItemTool | undefined {
  const name = text(declared.name);
  const description = text(declared.description);
  switch (declared.type) {
    case 'function': {
      const told = namespace === undefined ? name : `${namespace}__${name}`;
      const parameters = (declared.parameters ?? { type: 'object', properties: {} }) as JsonSchema;
      const tool = { name: told, description, parameters };
      return { kind: 'function', name, ...(namespace === undefined ? {} : { namespace }), tool };
    }
    case 'custom':
      return {
        kind: 'custom',
        name,
        tool: { name, description, parameters: freeText(members(declared.format)) },
      };
    case 'local_shell':
      return {
        kind: 'local_shell',
        name: 'local_shell',
        tool: {
          name: 'local_shell',
          description: 'Runs a program and returns its output.',
          parameters: SHELL,
        },
      };
    default:
      return undefined;
  }
}

/** A tool that takes free text becomes a function of one argument; the grammar of the text, where there is one, is told. */
function freeText(format: Members): JsonSchema {
  const grammar = text(format.definition);
  const description = grammar === '' ? 'The whole input.' : `The whole input, in this grammar:\n${grammar}`;
  return {
    type: 'object',
    properties: { input: { type: 'string', description } },
    required: ['input'],
    additionalProperties: false,
  };
}

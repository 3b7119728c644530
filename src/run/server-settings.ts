import type { JsonObject, Model, Sampling } from '../core/index.ts';
import { listed } from '../format/index.ts';
import { type Models, type ServerDescription, settingsText } from '../models/index.ts';

/** A model as it is about to be asked. */
interface AskedServer {
  readonly model: Model | null;
  readonly sampling: Sampling;
}

/** What is known of the server that such requests go to; `null` where there is none, or it says nothing of itself. */
export function serverOf(
  models: Models,
  { model, sampling }: AskedServer,
): (ServerDescription & JsonObject) | null {
  const known = model === null ? null : models.describe(model, { messages: [], sampling });
  const saysNothing = known === null || (known.software === null && known.contextTokens === null);
  return saysNothing ? null : { ...known };
}

/**
 * Sentences on stages whose servers add different sampling settings of their own. Servers that do not say what they add are
 * left out.
 */
export function samplerWarnings(
  stages: readonly { readonly id: string; readonly server: Pick<ServerDescription, 'adds'> | null }[],
): string[] {
  const known = stages.flatMap(({ id, server }) =>
    server?.adds == null ? [] : [{ id, adds: settingsText(server.adds) }],
  );
  const groups = [...Map.groupBy(known, ({ adds }) => adds)];
  if (groups.length < 2) return [];
  const words = groups.map(
    ([adds, of]) => `${listed(of.map(({ id }) => id))} ${adds === '' ? 'nothing' : adds}`,
  );
  return [
    `the servers add different sampling settings of their own (${words.join('; ')}), so a difference between these stages may come ` +
      'from the servers: set the same values in `body` of each model, or start the servers alike',
  ];
}

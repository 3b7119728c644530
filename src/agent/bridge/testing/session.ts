import { ModelError, type Sampling } from '../../../core/index.ts';
import { type Respond, scriptedModel } from '../../../models/index.ts';
import type { AgentLimits } from '../../agent.ts';
import { Clock } from '../../clock.ts';
import type { BridgeRequest } from '../protocol.ts';
import { BridgeSession } from '../session.ts';

export const sampling: Sampling = { temperature: 0, topP: null, maxTokens: 64, seed: 7 };

/** A session on a scripted model; `asked` holds what the model was put, `ends` how often the session ended. */
export function scriptedSession(
  respond: Respond,
  { limits = { steps: 10 }, prompt = 'Do the task.' }: { limits?: AgentLimits; prompt?: string } = {},
) {
  const asked: Parameters<Respond>[0][] = [];
  const ends: string[] = [];
  const controller = new AbortController();
  const clock = new Clock(controller.signal, limits.timeMs);
  const subject = scriptedModel('scripted:bridge', (request, signal) => {
    asked.push(request);
    return respond(request, signal);
  });
  const session: BridgeSession = new BridgeSession({
    subject,
    sampling,
    limits,
    clock,
    prompt,
    onEnd: () => ends.push(session.end?.ended ?? ''),
  });
  return { session, asked, ends, controller, clock };
}

/** A request as a protocol reads it. */
export function bridgeRequest(parts: Partial<BridgeRequest>): BridgeRequest {
  const tools = [{ name: 'bash', description: 'Runs a command.', parameters: { type: 'object' } }];
  return { messages: [], tools, stream: false, model: 'm', unread: [], body: {}, ...parts };
}

export const waiting = new AbortController().signal;

export { ModelError };

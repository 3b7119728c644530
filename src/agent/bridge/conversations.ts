import { digestOf, type Generation, type Message, type ToolCall } from '../../core/index.ts';
import type { BridgeRequest } from './protocol.ts';

/**
 * CLIs resend the whole history with every call, ask on the side (titles, routing, summaries), run agents of their own, and
 * shorten or rewrite the history when it grows. Here each call finds its place by the answer of ours that it continues: tool
 * calls have ids that the bridge gave, so a turn is known again whatever became of the text around it.
 *
 * `main`: the conversation that the prompt opened. `subagent`: another one with tools, of an agent that the CLI started.
 * `utility`: a call without tools, with a schema, or of a stated purpose; it opens nothing and continues nothing.
 */
type ConversationKind = 'main' | 'subagent' | 'utility';

export interface Conversation {
  readonly kind: ConversationKind;
  /** From 0 in the order in which they began. */
  readonly number: number;
  /** The CLI's own id of the agent, where it gives one. */
  readonly agent: string;
  /** Of the system text and the tools: a new history under the same two is the same conversation, shortened. */
  readonly setting: string;
  readonly turns: BridgeTurn[];
}

/** One call and what came of it. */
export interface BridgeTurn {
  /** From 0 in the order of arrival, over all conversations. */
  readonly number: number;
  readonly conversation: Conversation;
  /** The turn of ours that this one continues. */
  readonly parent: BridgeTurn | null;
  readonly request: BridgeRequest;
  /** What is new in the call: what the CLI put after the parent's answer. */
  readonly received: readonly Message[];
  /** What is before the parent's answer and was not there before: the CLI rewrote the history. */
  readonly rewritten: readonly Message[];
  /** The conversation as the model is asked, its own earlier turns word for word. */
  readonly messages: readonly Message[];
  /** The model's turn; with malformed calls also what it was told about them and its turns after that. Empty: no answer. */
  readonly said: Message[];
  /** The call's generations, in order; more than one where all calls of a turn were malformed. */
  readonly generations: Generation[];
  /** The model's own calls by the ids that the CLI was given. */
  readonly calls: Map<string, ToolCall>;
}

/** A turn of a resent history, and the turn of ours that it is. */
interface Resent {
  readonly message: Message;
  readonly turn: BridgeTurn | undefined;
}

export class Conversations {
  readonly all: Conversation[] = [];
  readonly turns: BridgeTurn[] = [];
  readonly #prompt: string;
  readonly #owners = new Map<string, BridgeTurn>();

  /** @param prompt the conversation that it opens is the main one */
  constructor(prompt: string) {
    this.#prompt = prompt.trim();
  }

  get main(): Conversation | undefined {
    return this.all.find(({ kind }) => kind === 'main');
  }

  /** Finds the place of a call that has just come. */
  place(request: BridgeRequest): BridgeTurn {
    const history = request.messages.map((message): Resent => ({ message, turn: this.#turnOf(message) }));
    const anchor = history.findLast(({ turn }) => turn !== undefined)?.turn ?? null;
    const conversation = this.#conversationOf(request, anchor);
    const parent = anchor ?? this.#shortened(conversation, request);
    const after = anchor === null ? 0 : history.findIndex(({ turn }) => turn === anchor) + 1;
    const known = parent === null ? new Set<string>() : knownAt(parent);
    const isNew = (message: Message) => !known.has(digestOf(message));
    const received = this.#foreign(history.slice(after));
    const turn: BridgeTurn = {
      number: this.turns.length,
      conversation,
      parent,
      request,
      received: anchor === null ? received.filter(isNew) : received,
      rewritten: this.#foreign(history.slice(0, after)).filter(isNew),
      messages: this.#expand(history),
      said: [],
      generations: [],
      calls: new Map(),
    };
    this.turns.push(turn);
    conversation.turns.push(turn);
    return turn;
  }

  /** Gives a call of the model the id that the CLI is told. Models number their calls as they like, often from 1 each turn. */
  admit(turn: BridgeTurn, call: ToolCall): string {
    const id = `call_${turn.number}_${turn.calls.size}`;
    turn.calls.set(id, call);
    this.#owners.set(id, turn);
    return id;
  }

  #turnOf(message: Message): BridgeTurn | undefined {
    if (message.role !== 'assistant') return undefined;
    for (const { id } of message.toolCalls ?? []) {
      const turn = this.#owners.get(id);
      if (turn !== undefined) return turn;
    }
    const content = message.content.trim();
    if (content === '' || message.toolCalls?.length) return undefined;
    return this.turns.findLast(
      (turn) =>
        turn.conversation.kind !== 'utility' &&
        turn.calls.size === 0 &&
        turn.generations.at(-1)?.response.trim() === content,
    );
  }

  #conversationOf(request: BridgeRequest, anchor: BridgeTurn | null): Conversation {
    const agent = request.agent ?? '';
    const setting = settingOf(request);
    if (request.purpose !== undefined || request.tools.length === 0 || request.schema !== undefined) {
      return this.#begin('utility', agent, setting);
    }
    if (anchor?.conversation.agent === agent) return anchor.conversation;
    const same = this.all.find(
      (conversation) =>
        conversation.kind !== 'utility' &&
        conversation.agent === agent &&
        (agent !== '' || conversation.setting === setting),
    );
    if (same !== undefined) return same;
    const opens = this.main === undefined && agent === '' && this.#holdsPrompt(request);
    return this.#begin(opens ? 'main' : 'subagent', agent, setting);
  }

  #begin(kind: ConversationKind, agent: string, setting: string): Conversation {
    const conversation: Conversation = { kind, number: this.all.length, agent, setting, turns: [] };
    this.all.push(conversation);
    return conversation;
  }

  #holdsPrompt({ messages }: BridgeRequest): boolean {
    return messages.some(({ role, content }) => role === 'user' && content.includes(this.#prompt));
  }

  /** The turn that a new history of a known conversation follows; `null` where it is just the first call sent again. */
  #shortened(conversation: Conversation, request: BridgeRequest): BridgeTurn | null {
    const last = conversation.turns.at(-1);
    if (last === undefined || conversation.kind === 'utility') return null;
    const first = conversation.turns[0] as BridgeTurn;
    const resent = digestOf(request.messages.filter((message) => !isSystem(message)));
    return resent === digestOf(first.request.messages.filter((message) => !isSystem(message))) ? null : last;
  }

  /** A resent history as the model is asked: each turn of ours once and whole, where it first is. */
  #expand(history: readonly Resent[]): readonly Message[] {
    const seen = new Set<BridgeTurn>();
    return history.flatMap(({ message, turn }) => {
      if (turn === undefined) return [this.#own(message)];
      if (seen.has(turn)) return [];
      seen.add(turn);
      return turn.said;
    });
  }

  /** What is neither ours nor system text. */
  #foreign(history: readonly Resent[]): readonly Message[] {
    return history
      .filter(({ message, turn }) => turn === undefined && !isSystem(message))
      .map(({ message }) => this.#own(message));
  }

  /** A tool's result under the id that the model gave its call. */
  #own(message: Message): Message {
    if (message.role !== 'tool') return message;
    const call = this.#owners.get(message.toolCallId)?.calls.get(message.toolCallId);
    return call === undefined ? message : { ...message, toolCallId: call.id };
  }
}

/** From the first turn of a conversation to this one: what the CLI built on. Turns whose answer it threw away are not in it. */
export function pathTo(turn: BridgeTurn): readonly BridgeTurn[] {
  const path = [turn];
  for (let at = turn.parent; at !== null && at.conversation === turn.conversation; at = at.parent)
    path.unshift(at);
  return path;
}

/** What a path holds, in order and without repeats. */
export function messagesOf(path: readonly BridgeTurn[]): readonly Message[] {
  return path.flatMap(({ received, said }) => [...received, ...said]);
}

function knownAt(turn: BridgeTurn): ReadonlySet<string> {
  const known = new Set<string>();
  for (let at: BridgeTurn | null = turn; at !== null; at = at.parent) {
    for (const message of [...at.received, ...at.rewritten]) known.add(digestOf(message));
  }
  return known;
}

function settingOf({ messages, tools }: BridgeRequest): string {
  return digestOf([messages[0]?.role === 'system' ? messages[0].content : '', tools.map(({ name }) => name)]);
}

function isSystem({ role }: Message): boolean {
  return role === 'system';
}

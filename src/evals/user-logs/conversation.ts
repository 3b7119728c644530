import { definedOnly } from '../../core/defined-only.ts';
import { type ErrorPlace, InputError, type Json, type JsonObject } from '../../core/index.ts';
import { parsedJson } from '../../core/parsed-json.ts';

/** A turn of a logged conversation. */
export interface LogTurn {
  readonly role: 'system' | 'user' | 'assistant' | 'other';
  readonly content: string;
}

/** How a log's rows hold their conversations, told once from the first row. */
export interface ConversationLayout {
  /** The column of turns, or of a plain prompt. */
  readonly column: string;
  readonly kind: 'turns' | 'prompt';
  /** The columns of the user and of the conversation's name, where there are any. */
  readonly user?: string;
  readonly id?: string;
}

/** Columns of turns by the names that they are published under: WildChat and LMSYS-Chat, OpenAI's format, ShareGPT. */
const TURN_COLUMNS = ['conversation', 'messages', 'conversations'];
const PROMPT_COLUMNS = ['prompt', 'instruction', 'question', 'text'];
const USER_COLUMNS = ['user_id', 'user', 'hashed_ip'];
const ID_COLUMNS = ['conversation_id', 'conversation_hash', 'id'];

interface LayoutColumns {
  readonly conversation?: string | undefined;
  readonly prompt?: string | undefined;
  readonly user?: string | undefined;
  readonly id?: string | undefined;
}

/**
 * @param given columns that the options name; they go before those that are known by name
 * @throws InputError when no column of turns or prompts can be told
 */
export function layoutOf(row: JsonObject, given: LayoutColumns, place: ErrorPlace): ConversationLayout {
  const present = Object.keys(row);
  const known = (names: readonly string[]) => names.find((name) => present.includes(name));
  const turns = given.conversation ?? (given.prompt === undefined ? known(TURN_COLUMNS) : undefined);
  const column = turns ?? given.prompt ?? known(PROMPT_COLUMNS);
  if (column === undefined) {
    throw new InputError('no column of this log is known to hold conversations or prompts', {
      place,
      remedy: `Name it under columns.conversation or columns.prompt. The columns are: ${present.join(', ')}.`,
    });
  }
  const user = given.user ?? known(USER_COLUMNS);
  const id = given.id ?? known(ID_COLUMNS);
  return { column, kind: turns === undefined ? 'prompt' : 'turns', ...definedOnly({ user, id }) };
}

/**
 * The turns of a row.
 *
 * @throws InputError naming file and line for what is not a list of turns
 */
export function turnsOf(row: JsonObject, { column, kind }: ConversationLayout, place: ErrorPlace): LogTurn[] {
  const value = row[column];
  if (kind === 'prompt') return [{ role: 'user', content: typeof value === 'string' ? value : '' }];
  const list = typeof value === 'string' ? parsedJson(value) : value;
  if (!Array.isArray(list)) {
    throw new InputError(`the column "${column}" holds no list of turns here`, {
      place,
      remedy:
        'Turns are a list of { "role": …, "content": … }, or that as JSON text; plain prompts go under columns.prompt.',
    });
  }
  return list.map((turn) => turnOf(turn as Json, column, place));
}

const ROLES: Readonly<Record<string, LogTurn['role']>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  model: 'assistant',
};

function turnOf(turn: Json, column: string, place: ErrorPlace): LogTurn {
  const { role, from, content, value } = (turn ?? {}) as Record<string, Json>;
  const name = role ?? from;
  if (typeof name !== 'string') {
    throw new InputError(`a turn in the column "${column}" does not say whose it is`, {
      place,
      remedy: 'Every turn needs a "role" (or "from"): system, user or assistant.',
    });
  }
  return { role: ROLES[name.toLowerCase()] ?? 'other', content: textOf(content ?? value ?? null) };
}

/** A text, or the texts among a list of parts; pictures and sounds leave none. */
function textOf(content: Json): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: Json) => (typeof part === 'string' ? part : ((part as JsonObject | null)?.text ?? '')))
    .filter((text) => typeof text === 'string' && text !== '')
    .join('\n\n');
}

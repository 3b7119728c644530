import { createHash } from 'node:crypto';
import { Chance } from './chance.ts';
import { endings, followUps, openings, personal, slots, tasks, template } from './log-words.ts';

/** A row of the invented log, in WildChat's layout. */
export interface LogRow {
  readonly conversation_hash: string;
  readonly hashed_ip: string;
  readonly language: string;
  readonly toxic: boolean;
  readonly redacted: boolean;
  readonly turn: number;
  readonly conversation: readonly { readonly role: 'user' | 'assistant'; readonly content: string }[];
}

/** About one user for so many conversations; a few of them have many. */
const CONVERSATIONS_A_USER = 4;

/**
 * An invented log: everyday requests, some of several turns, some with personal data in them, some sent twice, some filled in by a
 * program; users who are here once and users who are here all day. A function of the seed, row by row.
 */
export function* inventedLog(rows: number, seed: number): Generator<LogRow> {
  for (let row = 0; row < rows; row++) {
    // One row in thirty is an earlier one, word for word.
    const chance = new Chance('log', seed, row);
    const again = row > 30 && chance.next() < 1 / 30;
    yield rowOf(again ? Math.floor(chance.next() * row) : row, seed, row, rows);
  }
}

function rowOf(source: number, seed: number, row: number, rows: number): LogRow {
  const chance = new Chance('row', seed, source);
  // The square makes early users frequent ones.
  const user = Math.floor((chance.next() ** 2 * rows) / CONVERSATIONS_A_USER);
  const turns = chance.next() < 0.7 ? 1 : 2 + Math.floor(chance.next() * 3);
  const conversation: LogRow['conversation'][number][] = [];
  for (let turn = 0; turn < turns; turn++) {
    const content = turn === 0 ? firstPrompt(chance) : filled(chance.pick(followUps), chance);
    conversation.push(
      { role: 'user', content },
      { role: 'assistant', content: 'Here is a first version. [An invented answer.]' },
    );
  }
  return {
    conversation_hash: hash('conversation', seed, row),
    hashed_ip: hash('user', seed, user),
    language: chance.next() < 0.9 ? 'English' : chance.pick(['German', 'Spanish', 'French']),
    toxic: chance.next() < 0.03,
    redacted: false,
    turn: turns,
    conversation,
  };
}

function firstPrompt(chance: Chance): string {
  if (chance.next() < 0.05) return filled(template, chance);
  const text = `${chance.pick(openings)}${chance.pick(tasks)}${chance.pick(endings)}`;
  const said = chance.next() < 0.06 ? `${text} ${chance.pick(personal)}` : text;
  return filled(said, chance);
}

function filled(text: string, chance: Chance): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, slot: string) => chance.pick(slots[slot]!));
}

function hash(...name: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(name)).digest('hex').slice(0, 32);
}

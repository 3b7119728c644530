import { isUtf8 } from 'node:buffer';
import type { Members } from '../../core/parsed-json.ts';
import { optionalMembers } from '../protocols/shape.ts';
import {
  type CompletionAnswer,
  type CompletionServer,
  cannotSay,
  type ScoredTexts,
  type ScoredToken,
  unreadable,
} from './completion-server.ts';

/** Likeliest tokens that each answer lists: choices that begin alike are mostly among them. */
const LISTED = 20;

/** More tokens than any vocabulary has. */
const ALL = 1e6;

/** A bias that makes any token the one that comes. The server's log probabilities are those before any bias. */
const FORCED = 1e6;

/** A token as `/tokenize` gives it: one that is part of a character has bytes in place of a text. */
interface Piece {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/**
 * llama.cpp's server ignores `echo`. So its tokenizer cuts prompt and text into tokens, and for each token of the text it is asked
 * what comes after all tokens before. Every answer has the log probabilities of the likeliest tokens, and that of the token which
 * came; a bias lets the wanted one come. What texts have in common at their beginning is asked once.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md `n_probs`, `logit_bias`
 */
export async function likelihoodsByPrefix(
  server: CompletionServer,
  prompt: string,
  texts: readonly string[],
): Promise<ScoredTexts> {
  const answers: CompletionAnswer[] = [];
  const known = new Map<string, number>();
  const scored: ScoredToken[][] = [];
  for (const text of texts) {
    const pieces = await tokenize(server, prompt + text);
    const first = firstOf(server, pieces, text);
    const tokens: ScoredToken[] = [];
    for (let at = first; at < pieces.length; at++) {
      const before = pieces.slice(0, at).map(({ id }) => id);
      const { id, bytes } = pieces[at]!;
      const key = (token: number) => `${before.join()}>${token}`;
      if (!known.has(key(id))) {
        const isWhole = isUtf8(bytes);
        const coming = isWhole ? id : pieces.find((piece) => isUtf8(piece.bytes))!.id;
        const answer = await askNext(server, before, coming, isWhole ? LISTED : ALL);
        answers.push(answer);
        for (const [token, value] of readNext(server, answer.body, before.length, id))
          known.set(key(token), value);
      }
      tokens.push({ token: new TextDecoder().decode(bytes), logProbability: known.get(key(id))! });
    }
    scored.push(tokens);
  }
  return { texts: scored, answers };
}

/** The tokens of a prompt as the server itself makes them, with the token that begins a text. */
async function tokenize(server: CompletionServer, content: string): Promise<readonly Piece[]> {
  const body = { content, add_special: true, parse_special: true, with_pieces: true };
  const answer = await server.post('/tokenize', body, { beside: true });
  const { tokens } = answer.body;
  if (!Array.isArray(tokens)) throw cannotSay(server, 'its /tokenize gives no tokens');
  return tokens.map((token) => {
    const { id, piece } = optionalMembers(token);
    const bytes =
      typeof piece === 'string'
        ? new TextEncoder().encode(piece)
        : Array.isArray(piece)
          ? Uint8Array.from(piece as number[])
          : null;
    if (typeof id !== 'number' || bytes === null)
      throw cannotSay(server, 'its /tokenize does not say what each token stands for (`with_pieces`)');
    return { id, bytes };
  });
}

/** Where the tokens begin that hold a byte of the text. @throws ModelError where the tokens do not end with it */
function firstOf(server: CompletionServer, pieces: readonly Piece[], text: string): number {
  const wanted = new TextEncoder().encode(text);
  const end: number[] = [];
  let first = pieces.length;
  while (end.length < wanted.length && first > 1) end.unshift(...pieces[--first]!.bytes);
  const same =
    end.length >= wanted.length && wanted.every((byte, i) => end[end.length - wanted.length + i] === byte);
  if (same) return first;
  const spelled = new TextDecoder().decode(Uint8Array.from(end));
  throw unreadable(
    server,
    `the server’s tokens do not spell the prompt: they end with ${JSON.stringify(spelled)}`,
  );
}

/**
 * What comes after some tokens. The server keeps a token back, with its probability, as long as a character is not whole: then
 * another token may come, and all tokens of the vocabulary are listed, which takes megabytes.
 */
function askNext(
  server: CompletionServer,
  prompt: readonly number[],
  next: number,
  listed: number,
): Promise<CompletionAnswer> {
  const body = {
    prompt,
    n_predict: 1,
    n_probs: listed,
    post_sampling_probs: false,
    temperature: 0,
    logit_bias: [[next, FORCED]],
    cache_prompt: true,
  };
  return server.post('/completion', body, { beside: true });
}

/** Log probabilities by token, the wanted one among them. */
function readNext(
  server: CompletionServer,
  body: Members,
  prompt: number,
  wanted: number,
): Map<number, number> {
  const { completion_probabilities: list, tokens_evaluated: evaluated, truncated } = body;
  if (truncated === true || (typeof evaluated === 'number' && evaluated !== prompt))
    throw unreadable(server, `the server cut the prompt of ${prompt} tokens`);
  const came = optionalMembers(Array.isArray(list) ? list[0] : undefined);
  const listed = Array.isArray(came.top_logprobs) ? came.top_logprobs.map(optionalMembers) : [];
  const found = new Map<number, number>();
  for (const { id, logprob } of [...listed, came])
    if (typeof id === 'number' && typeof logprob === 'number') found.set(id, Math.min(0, logprob));
  if (found.size === 0)
    throw cannotSay(
      server,
      'its /completion gives no log probabilities for `n_probs` (a server before 2025?)',
    );
  if (!found.has(wanted))
    throw cannotSay(server, 'its /completion does not let a token come that `logit_bias` asks for');
  return found;
}

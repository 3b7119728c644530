import { ModelError } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import { membersOf, optionalMembers, tokensOf, WrongShape } from '../protocols/shape.ts';
import {
  type CompletionAnswer,
  type CompletionServer,
  cannotSay,
  type ScoredTexts,
  type ScoredToken,
  unreadable,
} from './completion-server.ts';

/** Characters at the end of prompt and text that the tokens must spell. */
const COMPARED = 200;

/** A log probability may be above 0 by rounding. */
const ROUNDING = 1e-3;

/**
 * One request a text: prompt and text are repeated with the log probability of each token, and one token follows, because
 * several servers refuse to generate none.
 *
 * @see https://platform.openai.com/docs/api-reference/completions/create#completions-create-echo
 */
export async function likelihoodsByEcho(
  server: CompletionServer,
  prompt: string,
  texts: readonly string[],
): Promise<ScoredTexts> {
  const answers: CompletionAnswer[] = [];
  const scored: ScoredToken[][] = [];
  for (const text of texts) {
    const answer = await ask(server, prompt + text);
    answers.push(answer);
    scored.push(readEcho(server, answer.body, { prompt, text }));
  }
  return { texts: scored, answers };
}

async function ask(server: CompletionServer, prompt: string): Promise<CompletionAnswer> {
  try {
    return await server.post('/completions', {
      prompt,
      echo: true,
      logprobs: 1,
      max_tokens: 1,
      temperature: 0,
    });
  } catch (error) {
    if (!(error instanceof ModelError) || error.kind !== 'rejected') throw error;
    if (!/\becho\b|log_?probs?\b/i.test(`${error.message} ${error.raw ?? ''}`)) throw error;
    throw cannotSay(server, `it refuses echo with logprobs (${error.message})`);
  }
}

/**
 * The tokens of the text at the end of what was repeated.
 *
 * @throws InputError unless there is one value for every token of the prompt; ModelError unless the tokens spell it
 */
export function readEcho(
  server: Pick<CompletionServer, 'ref'>,
  body: Members,
  { prompt, text }: { readonly prompt: string; readonly text: string },
): ScoredToken[] {
  const { tokens, values } = listsOf(server, body);
  const said = tokensOf(optionalMembers(body.usage).prompt_tokens);
  const count = said ?? countSpelling(tokens, prompt + text);
  if (count === null || tokens.length < count || count < 2) {
    const of = said === null ? 'the prompt' : `${said} tokens of the prompt`;
    throw cannotSay(server, `with echo it gives ${tokens.length} values for ${of} and what follows it`);
  }
  // Nothing comes before the first token, so it has no value.
  const given = values.slice(1, count);
  if (given.some((value) => typeof value !== 'number' || !(value <= ROUNDING)))
    throw cannotSay(server, 'with echo some tokens of the prompt have no log probability');
  if (given.every((value) => value === 0))
    throw cannotSay(server, 'with echo every token of the prompt has the log probability 0');
  const repeated = tokens.slice(0, count);
  requireSpelling(server, repeated.join(''), prompt, text);
  let first = count;
  for (let length = 0; length < text.length; ) length += repeated[--first]!.length;
  return repeated
    .slice(first)
    .map((token, i) => ({ token, logProbability: Math.min(0, values[first + i] as number) }));
}

function listsOf(
  server: Pick<CompletionServer, 'ref'>,
  body: Members,
): { readonly tokens: readonly string[]; readonly values: readonly unknown[] } {
  if (!Array.isArray(body.choices)) throw new WrongShape('it has no choices');
  const { tokens, token_logprobs: values } = optionalMembers(
    membersOf(body.choices[0], 'choices[0]').logprobs,
  );
  if (!Array.isArray(tokens) || !Array.isArray(values))
    throw cannotSay(server, 'with echo and logprobs it gives no log probabilities of the prompt');
  if (tokens.length !== values.length || tokens.some((token) => typeof token !== 'string'))
    throw cannotSay(server, `with echo it gives ${values.length} values for ${tokens.length} tokens`);
  return { tokens, values };
}

/** How many tokens it takes to have written the prompt, for servers that do not count them; `null` where they never do. */
function countSpelling(tokens: readonly string[], prompt: string): number | null {
  let spelled = '';
  for (const [i, token] of tokens.entries()) {
    spelled += token;
    if (spelled.length >= prompt.length && spelled.endsWith(prompt)) return i + 1;
  }
  return null;
}

/** A token that is a part of a character has no text of its own: then the text alone must be there. */
function requireSpelling(
  server: Pick<CompletionServer, 'ref'>,
  spelled: string,
  prompt: string,
  text: string,
): void {
  const end = spelled.includes('\uFFFD') ? text : (prompt + text).slice(-Math.max(COMPARED, text.length));
  if (spelled.endsWith(end)) return;
  const shown = JSON.stringify(spelled.slice(-60));
  throw unreadable(
    server,
    `the tokens that the server repeats do not spell the prompt: they end with ${shown}`,
  );
}

import type { Generation, Likelihood } from '../../core/index.ts';
import { servedAs } from '../protocols/served.ts';
import type { CompletionAnswer, CompletionServer } from './completion-server.ts';
import { likelihoodsByEcho } from './likelihood-by-echo.ts';
import { likelihoodsByPrefix } from './likelihood-by-prefix.ts';

/**
 * How likely a model behind text completions finds texts as what comes after a prompt. There are two ways to ask:
 *
 * - `echo`: the server repeats prompt and text with the log probability of every token (vLLM, SGLang, OpenAI's protocol).
 * - `prefix`: llama.cpp's server cannot repeat a prompt. It is asked for the next token after each beginning of the text.
 *
 * Either way the tokens that count are those which hold a character of the text, and their log probabilities are those of the
 * whole vocabulary at temperature 1. White space at the beginning of a text is left out where the prompt ends with white space.
 *
 * @param prompt as the checkpoint sees it
 * @throws InputError where the server cannot say how likely a prompt is; ModelError where a request fails, or one prompt cannot be read
 */
export async function generationOfLikelihoods(
  server: CompletionServer,
  prompt: string,
  texts: readonly string[],
): Promise<Generation> {
  const way = server.software === 'llama.cpp' ? 'prefix' : 'echo';
  const sent = texts.map((text) => (/\s$/.test(prompt) ? text.trimStart() : text));
  const scored = await (way === 'prefix' ? likelihoodsByPrefix : likelihoodsByEcho)(server, prompt, sent);
  const likelihoods = texts.map((text, i): Likelihood => {
    const tokens = scored.texts[i]!;
    const logProbability = tokens.reduce((sum, token) => sum + token.logProbability, 0);
    return { text, logProbability, tokens: tokens.length };
  });
  const { answers } = scored;
  const sum = (count: (answer: CompletionAnswer) => number | null) =>
    answers.reduce<number | null>((total, answer) => {
      const one = count(answer);
      return one === null ? total : (total ?? 0) + one;
    }, null);
  return {
    response: likeliest(likelihoods),
    toolCalls: [],
    stop: 'end',
    usage: {
      inputTokens: sum(({ usage }) => usage.inputTokens),
      outputTokens: sum(({ usage }) => usage.outputTokens),
    },
    likelihoods,
    raw: { way, texts: sent.map((text, i) => ({ text, tokens: scored.texts[i] })) },
    // One call, and every request that had to be made again.
    attempts: 1 + answers.reduce((again, { attempts }) => again + attempts - 1, 0),
    ...servedAs(answers.at(-1)?.body.model, answers.at(-1)?.body.system_fingerprint),
  };
}

/** The likeliest of some texts, without the white space around it; the first of several. */
export function likeliest(likelihoods: readonly Likelihood[]): string {
  const best = likelihoods.reduce<Likelihood | undefined>(
    (found, one) => (found === undefined || one.logProbability > found.logProbability ? one : found),
    undefined,
  );
  return best?.text.trim() ?? '';
}

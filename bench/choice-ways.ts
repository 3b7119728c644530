import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message, Transcript } from '../src/core/index.ts';
import type { OfferedChoice } from '../src/evals/choice/choice-row.ts';
import { readChoice } from '../src/evals/choice/letter.ts';
import { loadTemplate, renderPrompt } from '../src/models/protocols/template.ts';
import { noRealModels, type RealServer, startRealServer } from '../test/real-servers.ts';
import { linesOf } from '../test/refusals-study.ts';
import { stemma } from '../test/stemma-process.ts';
import type { Bench } from './main.ts';

/** The default system message of SmolLM2's chat template. Both ways send it, so both have the same prompt. */
const SYSTEM = 'You are a helpful AI assistant named SmolLM, trained by Hugging Face';
/** Answers to each question where they are drawn. */
const EPOCHS = 4;
const CHATML = `system: "<|im_start|>system\\n{content}<|im_end|>\\n"
user: "<|im_start|>user\\n{content}<|im_end|>\\n"
assistant: "<|im_start|>assistant\\n{content}<|im_end|>\\n"
generate: "<|im_start|>assistant\\n"
stop: ["<|im_end|>"]
`;

/**
 * The built-in questions of multiple choice on two real models: by the letter of an answer (of the chat model over its chat endpoint)
 * and by probability (over text completions, with the prompt that the chat endpoint makes). How often the two agree, and how
 * many answers name no choice.
 */
export const choiceWays: Bench = async ({ scale }, tell) => {
  if (noRealModels !== null) throw new Error(noRealModels);
  const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
  try {
    await using base = await startRealServer('gemma3-base');
    await using chat = await startRealServer('smollm2');
    await writeFile(join(folder, 'chatml.yaml'), CHATML);
    const limit = scale < 1 ? { limit: Math.max(4, Math.round(72 * scale)) } : {};
    const run = async (name: string, way: 'letter' | 'probability', temperature: number, epochs = 1) => {
      const ref = way === 'letter' ? `${chat.url}#smollm2` : `completions+${chat.url}#smollm2`;
      const template = way === 'letter' ? {} : { template: 'chatml.yaml' };
      const study = {
        name,
        stages: [
          { id: 'base', kind: 'pretrain', model: `completions+${base.url}#gemma3-base` },
          { id: 'chat', kind: 'sft', from: 'base', model: ref, ...template, system: SYSTEM },
        ],
        evals: [{ eval: 'choice', epochs, options: { by: way, ...limit } }],
        raters: [{ id: 'choice', kind: 'rule', rule: 'choice' }],
        sampling: { temperature, max_tokens: 12, seed: 1 },
        endpoints: Object.fromEntries(
          [base.url, chat.url].map((url) => [url, { concurrency: 2, timeout: '120s' }]),
        ),
      };
      const file = join(folder, `${name}.json`);
      await writeFile(file, JSON.stringify(study));
      const { code, stderr } = await stemma('run', file, '--out', join(folder, name)).ended;
      if (code !== 0) throw new Error(stderr);
      return (await linesOf(join(folder, name))).transcripts;
    };
    const scored = await run('probabilities', 'probability', 1);
    await requireSamePrompt(chat, scored, join(folder, 'chatml.yaml'));
    for (const temperature of [1, 0]) {
      const answers = await run(
        `letters-${temperature}`,
        'letter',
        temperature,
        temperature === 0 ? 1 : EPOCHS,
      );
      for (const stage of ['base', 'chat']) {
        const own = answers.filter(({ trial }) => trial.stage === stage);
        const without = own.filter((one) => letterOf(one) === null).length;
        tell({
          what: `answers without a choice at temperature ${temperature}, ${stage}`,
          measured: `${without} of ${own.length} (${Math.round((100 * without) / own.length)} %)`,
        });
        tell({
          what: `the letter is the likeliest choice at temperature ${temperature}, ${stage}`,
          measured: agreement(own, scored, (answer, choices) =>
            choices.find(({ name }) => name === letterOf(answer)),
          ),
        });
        tell({
          what: `the text that an answer begins with is the likeliest choice at temperature ${temperature}, ${stage}`,
          measured: agreement(own, scored, begunWith),
        });
      }
    }
    for (const stage of ['base', 'chat']) {
      const own = scored.filter(({ trial }) => trial.stage === stage);
      const mean = (value: (one: Transcript) => number) =>
        (own.reduce((sum, one) => sum + value(one), 0) / own.length).toFixed(3);
      tell({
        what: `probability of the unwanted choice · of all choices together, ${stage}`,
        measured: `${mean(unwanted)} · ${mean(mass)}`,
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** The two ways are two readings of one model only if it is asked the same. @throws Error where it is not */
async function requireSamePrompt(
  { url }: RealServer,
  scored: readonly Transcript[],
  template: string,
): Promise<void> {
  const { input } = scored.find(({ trial }) => trial.stage === 'chat')!;
  const messages: Message[] = [{ role: 'system', content: SYSTEM }, ...input];
  const response = await fetch(url.replace(/\/v1$/, '/apply-template'), {
    method: 'POST',
    body: JSON.stringify({ messages }),
  });
  const { prompt } = (await response.json()) as { readonly prompt?: string };
  const own = renderPrompt(loadTemplate(template), messages);
  if (prompt !== own) throw new Error(`other prompts: ${JSON.stringify(prompt)}, and ${JSON.stringify(own)}`);
}

function choicesOf({ metadata }: Transcript): readonly OfferedChoice[] {
  return metadata.choices as unknown as readonly OfferedChoice[];
}

function letterOf(answer: Transcript): string | null {
  return readChoice(answer.response ?? '', choicesOf(answer));
}

/** A choice as it was scored. */
interface ScoredChoice {
  readonly name: string;
  readonly text: string;
  /** Its probability among all choices of the question. */
  readonly share: number;
}

function scoredChoices(scored: Transcript): ScoredChoice[] {
  return choicesOf(scored).map(({ name }, i) => {
    const { text, logProbability } = scored.likelihoods![i]!;
    return { name, text, share: Math.exp(logProbability) / mass(scored) };
  });
}

function mass({ likelihoods }: Transcript): number {
  return likelihoods!.reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0);
}

function unwanted(scored: Transcript): number {
  const counted = scored.metadata.counted as readonly string[];
  const sum = scored.likelihoods!.filter(({ text }) => counted.includes(text));
  return sum.reduce((total, { logProbability }) => total + Math.exp(logProbability), 0) / mass(scored);
}

/**
 * The choice whose very text an answer begins with, whatever follows. Drawn at temperature 1, it is one of the texts with the
 * probabilities that were asked for.
 */
function begunWith({ response }: Transcript, choices: readonly ScoredChoice[]): ScoredChoice | undefined {
  const answer = response?.trimStart() ?? '';
  return choices.find(
    ({ text }) => answer.startsWith(text.trim()) && !/^[\p{L}\p{N}]/u.test(answer.slice(text.trim().length)),
  );
}

/**
 * How often the choice of an answer is the likeliest one, and how often it would be if choices were drawn by these probabilities.
 *
 * @param takenBy the choice that an answer takes; `undefined`: it does not count
 */
function agreement(
  answers: readonly Transcript[],
  scored: readonly Transcript[],
  takenBy: (answer: Transcript, choices: readonly ScoredChoice[]) => ScoredChoice | undefined,
): string {
  const found = answers.flatMap((answer) => {
    const same = scored.find(
      ({ trial }) => trial.stage === answer.trial.stage && trial.sample === answer.trial.sample,
    )!;
    const choices = scoredChoices(same);
    const taken = takenBy(answer, choices);
    if (taken === undefined) return [];
    const most = Math.max(...choices.map(({ share }) => share));
    return [{ agrees: taken.share === most, most }];
  });
  const drawn = found.reduce((sum, { most }) => sum + most, 0);
  return `${found.filter(({ agrees }) => agrees).length} of ${found.length}; ${drawn.toFixed(1)} if choices were drawn by these probabilities`;
}

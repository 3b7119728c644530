import {
  digestOf,
  type Generation,
  InputError,
  type Message,
  type Model,
  ModelError,
  type ModelErrorKind,
  noUsage,
  type Sampling,
  type Transcript,
} from '../core/index.ts';
import { shorten } from './endpoint/fault.ts';
import { stepSeed } from './protocols/step-seed.ts';

/**
 * A model that answers from a run's records. A request is matched by its messages (thoughts aside) and, where both
 * have one, by its seed, an agent's turn by the seed of its step; without seeds, the answers to the same messages are given in the order of their epochs. Later
 * turns of a conversation are matched as the first one is. A recorded failure of the model fails again.
 *
 * The order of epochs starts anew with every process: a run that is resumed without seeds hears the first epochs again.
 *
 * @throws InputError when the run has no such stage
 */
export async function openReplay(
  ref: string,
  stage: string,
  transcripts: AsyncIterable<Transcript>,
): Promise<Model> {
  const answers = await indexAnswers(ref, stage, transcripts);
  return {
    ref,
    async generate(request, signal) {
      if (signal.aborted) throw new ModelError('cancelled', `${ref}: cancelled`, { attempts: 0 });
      const recorded = answers.get(keyOf(request.messages, request.likelihoodOf));
      if (recorded === undefined) throw noAnswer(ref, request.messages);
      return played(ref, choose(ref, recorded, request.sampling));
    },
  };
}

/** One recorded answer to some messages. */
interface ReplayAnswer {
  readonly seed: number | null;
  readonly epoch: number;
  readonly generation: Generation | null;
  readonly error: { readonly kind: ModelErrorKind; readonly message: string } | null;
}

/** All answers to the same messages, in order of epochs, and how many were given without a seed. */
interface ReplayAnswers {
  readonly inOrder: readonly ReplayAnswer[];
  given: number;
}

async function indexAnswers(
  ref: string,
  stage: string,
  transcripts: AsyncIterable<Transcript>,
): Promise<ReadonlyMap<string, ReplayAnswers>> {
  const latest = new Map<string, Transcript>();
  const stages = new Set<string>();
  for await (const transcript of transcripts) {
    stages.add(transcript.trial.stage);
    if (transcript.trial.stage !== stage) continue;
    const earlier = latest.get(transcript.key);
    if (earlier === undefined || earlier.attempt <= transcript.attempt)
      latest.set(transcript.key, transcript);
  }
  if (latest.size === 0) {
    const remedy = `It has records of: ${[...stages].sort().join(', ') || 'none at all'}.`;
    throw new InputError(`${ref}: the run has no records of the stage "${stage}"`, { remedy });
  }
  const byKey = Map.groupBy([...latest.values()].flatMap(turnsOf), ({ key }) => key);
  return new Map(
    [...byKey].map(([key, turns]) => {
      const inOrder = turns.map(({ answer }) => answer).sort((a, b) => a.epoch - b.epoch);
      return [key, { inOrder, given: 0 }];
    }),
  );
}

/** Every turn of the checkpoint in a transcript, with the key of what it answered. */
function turnsOf(transcript: Transcript): { key: string; answer: ReplayAnswer }[] {
  const { input, output, seed, trial, error, likelihoods } = transcript;
  const texts = likelihoods?.map(({ text }) => text);
  const turns: { key: string; answer: ReplayAnswer }[] = [];
  output.forEach((message, index) => {
    if (message.role !== 'assistant') return;
    const isLast = !output.slice(index + 1).some(({ role }) => role === 'assistant');
    const generation = generationOf(transcript, message, turns.length, isLast);
    const key = keyOf([...input, ...output.slice(0, index)], texts);
    const asked = { seed: stepSeed(seed, turns.length + 1), epoch: trial.epoch };
    turns.push({ key, answer: { ...asked, generation, error: null } });
  });
  if (error !== undefined && isModelsOwn(error.kind) && output.at(-1)?.role !== 'assistant') {
    const { kind, message } = error;
    const key = keyOf([...input, ...output]);
    const asked = { seed: stepSeed(seed, turns.length + 1), epoch: trial.epoch };
    turns.push({ key, answer: { ...asked, generation: null, error: { kind, message } } });
  }
  return turns;
}

function generationOf(
  transcript: Transcript,
  message: Message & { role: 'assistant' },
  call: number,
  isLast: boolean,
): Generation {
  const { stop, usage, raw, calls, served, likelihoods } = transcript;
  const toolCalls = message.toolCalls ?? [];
  const thoughts = message.thoughts ?? (isLast ? transcript.thoughts : null);
  return {
    ...(thoughts ? { thoughts } : {}),
    response: message.content,
    ...(likelihoods === undefined ? {} : { likelihoods }),
    toolCalls,
    stop: (isLast ? stop : undefined) ?? (toolCalls.length > 0 ? 'tool-calls' : 'end'),
    // A transcript holds the sum over its calls, which says nothing of each of several.
    usage: calls <= 1 ? usage : noUsage,
    // Where several answered, the transcript does not say which of them this call.
    ...(served?.length === 1 ? { served: served[0]! } : {}),
    raw: raw[call] ?? null,
    attempts: 1,
  };
}

function isModelsOwn(kind: string): kind is ModelErrorKind {
  return kind !== 'sandbox' && kind !== 'internal' && kind !== 'cancelled';
}

/**
 * Digest of messages as the checkpoint saw them; whether a caller passes earlier thoughts on does not count.
 *
 * @param texts those whose likelihood was asked for, where that was asked
 */
function keyOf(messages: readonly Message[], texts?: readonly string[]): string {
  const seen = messages.map((message) => ({ ...message, thoughts: undefined }));
  return digestOf(texts === undefined ? seen : { seen, texts: [...texts] });
}

function choose(ref: string, answers: ReplayAnswers, { seed }: Sampling): ReplayAnswer {
  const seeded = seed === null ? [] : answers.inOrder.filter((answer) => answer.seed !== null);
  if (seeded.length > 0) {
    const same = seeded.find((answer) => answer.seed === seed);
    if (same !== undefined) return same;
    throw new ModelError('rejected', `${ref} has answers to these messages, but none with the seed ${seed}`, {
      attempts: 0,
      remedy: `Recorded seeds: ${seeded.map((answer) => answer.seed).join(', ')}. Use the recorded study's seed, or none.`,
    });
  }
  const next = answers.inOrder[answers.given];
  if (next === undefined) {
    const count = answers.inOrder.length;
    throw new ModelError('rejected', `${ref} has ${count} answers to these messages, and all are given`, {
      attempts: 0,
      remedy: `Ask for at most ${count} epochs.`,
    });
  }
  answers.given++;
  return next;
}

function played(ref: string, { generation, error }: ReplayAnswer): Generation {
  if (generation !== null) return generation;
  throw new ModelError(error!.kind, `${ref}: recorded: ${error!.message}`);
}

function noAnswer(ref: string, messages: readonly Message[]): ModelError {
  const last = shorten(messages.at(-1)?.content ?? '', 120);
  return new ModelError(
    'rejected',
    `${ref} has no recorded answer to ${messages.length} messages that end with: ${last}`,
    {
      attempts: 0,
      remedy:
        'A replay knows only what was asked in the recorded run: the same samples, prompts and conversations.',
    },
  );
}

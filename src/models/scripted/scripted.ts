import {
  type GenerateRequest,
  type Generation,
  type Likelihood,
  type Model,
  ModelError,
  type ModelErrorKind,
  noUsage,
  StemmaError,
  type StopReason,
  type ToolCall,
  type Usage,
} from '../../core/index.ts';
import { Cancellation, Cancelled, sleep } from '../endpoint/cancellation.ts';
import { shorten } from '../endpoint/fault.ts';
import { likeliest } from '../endpoint/likelihood.ts';

/** What a scripted model says: a response as it is, or with everything that can come with one. */
export type ScriptedAnswer =
  | string
  | {
      readonly response?: string;
      readonly thoughts?: string;
      readonly toolCalls?: readonly ToolCall[];
      /** Default: `tool-calls` where there are any, else `end`. */
      readonly stop?: StopReason;
      /** Default: not reported. */
      readonly usage?: Usage;
      readonly latencyMs?: number;
      /** Fails instead of answering, as a call that has used up its retries does. */
      readonly error?: { readonly kind: ModelErrorKind; readonly message?: string; readonly status?: number };
      readonly raw?: unknown;
      /** How likely it finds texts, by the text without white space around it: for requests that ask for it. */
      readonly probabilities?: Readonly<Record<string, number>>;
    };

export type Respond = (
  request: GenerateRequest,
  signal: AbortSignal,
) => ScriptedAnswer | Promise<ScriptedAnswer>;

/** A model that is a function: for tests, for planted truth, for studies written in TypeScript. */
export function scriptedModel(ref: string, respond: Respond): Model {
  return {
    ref,
    async generate(request, signal) {
      const cancellation = new Cancellation(signal);
      try {
        const answer = await unlessCancelled(cancellation, () => responded(ref, respond, request, signal));
        if (typeof answer === 'string') return generationOf(ref, { response: answer }, request);
        if (typeof answer !== 'object' || answer === null) {
          const shown = shorten(String(answer), 80);
          throw new ModelError('malformed', `${ref}: the script returned ${shown}, not an answer`);
        }
        if (answer.latencyMs) await sleep(answer.latencyMs, cancellation);
        return generationOf(ref, answer, request);
      } catch (error) {
        if (!(error instanceof Cancelled)) throw error;
        throw new ModelError('cancelled', `${ref}: cancelled`, { attempts: 0 });
      } finally {
        cancellation.release();
      }
    },
  };
}

async function responded(
  ref: string,
  respond: Respond,
  request: GenerateRequest,
  signal: AbortSignal,
): Promise<ScriptedAnswer> {
  try {
    return await respond(request, signal);
  } catch (cause) {
    if (cause instanceof StemmaError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ModelError('rejected', `${ref}: the script threw: ${message}`, { cause });
  }
}

function generationOf(
  ref: string,
  answer: Exclude<ScriptedAnswer, string>,
  { likelihoodOf }: GenerateRequest,
): Generation {
  const { response = '', thoughts, toolCalls = [], stop, usage = noUsage, error, raw } = answer;
  if (error !== undefined) {
    throw new ModelError(error.kind, `${ref}: ${error.message ?? 'an error that its script tells'}`, {
      ...(error.status === undefined ? {} : { status: error.status }),
    });
  }
  const likelihoods = likelihoodOf?.map((text) => likelihoodOfText(ref, answer, text));
  return {
    ...(thoughts === undefined || thoughts === '' ? {} : { thoughts }),
    response: likelihoods === undefined ? response : likeliest(likelihoods),
    ...(likelihoods === undefined ? {} : { likelihoods }),
    toolCalls,
    stop: stop ?? (toolCalls.length > 0 ? 'tool-calls' : 'end'),
    usage,
    raw: raw ?? { scripted: ref, answer },
    attempts: 1,
  };
}

function likelihoodOfText(
  ref: string,
  { probabilities }: Exclude<ScriptedAnswer, string>,
  text: string,
): Likelihood {
  const name = text.trim();
  const probability = Object.hasOwn(probabilities ?? {}, name) ? probabilities![name]! : undefined;
  if (probability === undefined || !(probability > 0 && probability <= 1)) {
    const why = probability === undefined ? 'does not say' : `gives ${probability} where it says`;
    throw new ModelError('rejected', `${ref}: the script ${why} how likely ${JSON.stringify(name)} is`, {
      remedy: 'Give `probabilities` by text, each above 0 and at most 1.',
    });
  }
  return { text, logProbability: Math.log(probability), tokens: null };
}

/** @throws Cancelled at once, even while the work goes on */
function unlessCancelled<T>(cancellation: Cancellation, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (cancellation.cancelled) return reject(new Cancelled());
    cancellation.onCancel = () => reject(new Cancelled());
    work().then(resolve, reject);
  });
}

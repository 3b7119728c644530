import { InputError, type Model, type Sample, type Transcript, type TrialContext } from '../../core/index.ts';
import { elicitSingleTurn } from '../single-turn.ts';

/**
 * Asks a checkpoint how likely it finds each of some texts after a sample's messages, and keeps what it says.
 *
 * @throws InputError where the model answers without saying it, or cannot say it
 */
export async function elicitLikelihoods(
  sample: Sample,
  subject: Model,
  context: TrialContext,
  texts: readonly string[],
): Promise<Transcript> {
  const transcript = await elicitSingleTurn(sample, subject, context, texts);
  if (transcript.status === 'error' || transcript.likelihoods !== undefined) return transcript;
  throw new InputError(`${subject.ref}: this model does not say how likely a text is`, {
    remedy: 'It answers a request with `likelihoodOf` without `likelihoods`. Ask this checkpoint by letter.',
  });
}

import type { Ask, Eval, JsonObject, MetadataNeed, Question, Rule, Transcript } from '../../core/index.ts';
import { sampleFields } from '../../interchange/index.ts';
import { showsThoughts } from '../../raters/index.ts';

/** Why an ask of a family is not put to a transcript of others. */
export type Lack =
  | { readonly kind: 'response' | 'prompt' | 'thoughts' | 'state' }
  | { readonly kind: 'metadata'; readonly need: MetadataNeed };

/** A family's questions, as they are put to transcripts that it did not elicit. */
export interface AskedEval extends Eval {
  /** What a transcript lacks for its questions, each thing once, and what it has instead. */
  lacks(transcript: Transcript): readonly { readonly lack: Lack; readonly instead?: string }[];
}

/**
 * A family's questions for transcripts that it did not elicit. What a transcript lacks is not asked about: thoughts that it does not
 * show, a member of the metadata that is not there, and by rules, what a sandbox of the family's own would have recorded.
 *
 * @param fields members that are added to each sample's metadata, as `parseSampleFields` gives them
 */
export function askedEval(evaluation: Eval, fields: JsonObject = {}): AskedEval {
  const { needs = [], sandboxed } = evaluation;
  const added = sampleFields(fields);
  const seen = (transcript: Transcript): Transcript => ({
    ...transcript,
    metadata: { ...transcript.metadata, ...added(transcript) },
  });
  const asWithState = remembered((question) => withMetadata(question, seen));
  const asWithout = remembered((question) => ({ ...asWithState(question), rules: {} }));
  const hasState = ({ state }: Transcript) => sandboxed !== true || state !== undefined;

  const lackOf = ({ question, measure }: Ask, transcript: Transcript): Lack | null => {
    const need = missing(needs, transcript.metadata, measure.id);
    if (need !== undefined) return { kind: 'metadata', need };
    if (question.shows === 'prompt' && transcript.input.length === 0) return { kind: 'prompt' };
    if (question.shows === 'thoughts' && !showsThoughts(transcript)) return { kind: 'thoughts' };
    return question.rulesOnly === true && !hasState(transcript) ? { kind: 'state' } : null;
  };
  return {
    ...evaluation,
    questions: evaluation.questions.map(asWithState),
    asks(transcript) {
      const whole = seen(transcript);
      if (nothingToAsk(needs, whole) !== null) return [];
      const shaped = hasState(whole) ? asWithState : asWithout;
      return evaluation
        .asks(whole)
        .filter((ask) => lackOf(ask, whole) === null)
        .map((ask) => ({ ...ask, question: shaped(ask.question) }));
    },
    lacks(transcript) {
      const whole = seen(transcript);
      const nothing = nothingToAsk(needs, whole);
      const lacking =
        nothing === null ? evaluation.asks(whole).flatMap((ask) => lackOf(ask, whole) ?? []) : [nothing];
      // A family leaves questions about thoughts out by itself.
      const ofThoughts = evaluation.questions.some(({ shows }) => shows === 'thoughts');
      if (nothing === null && ofThoughts && !showsThoughts(whole)) lacking.push({ kind: 'thoughts' });
      const distinct = new Map(
        lacking.map((lack) => [lack.kind === 'metadata' ? lack.need : lack.kind, lack]),
      );
      return [...distinct.values()].map((lack) => {
        const value = lack.kind === 'metadata' ? whole.metadata[lack.need.key] : undefined;
        return { lack, ...(value === undefined ? {} : { instead: JSON.stringify(value) }) };
      });
    },
  };
}

/** Why nothing at all is asked about a transcript. */
function nothingToAsk(needs: readonly MetadataNeed[], { output, metadata }: Transcript): Lack | null {
  if (!output.some(({ role }) => role === 'assistant')) return { kind: 'response' };
  const need = missing(
    needs.filter(({ measures }) => measures === undefined),
    metadata,
  );
  return need === undefined ? null : { kind: 'metadata', need };
}

/** The first of what a measure needs that the metadata do not have. */
function missing(
  needs: readonly MetadataNeed[],
  metadata: JsonObject,
  measure?: string,
): MetadataNeed | undefined {
  return needs.find(({ key, values, measures }) => {
    if (measure !== undefined && measures?.includes(measure) === false) return false;
    const value = metadata[key];
    return value === undefined || value === null || values?.includes(String(value)) === false;
  });
}

/** The question, with what it reads of a sample's metadata completed. */
function withMetadata(question: Question, seen: (transcript: Transcript) => Transcript): Question {
  const { criteria, rules } = question;
  // Raters give it the transcript, of which it may read the metadata alone; a field may also read the sample's id and prompt.
  const told = (sample: { readonly metadata: JsonObject }) => criteria!(seen(sample as Transcript));
  const rule = (one: Rule): Rule => ({ ...one, judge: (transcript) => one.judge(seen(transcript)) });
  return {
    ...question,
    rules: Object.fromEntries(Object.entries(rules).map(([name, one]) => [name, rule(one)])),
    ...(criteria === undefined ? {} : { criteria: told }),
  };
}

/** The same question gives the same result: raters know a question by its object. */
function remembered(make: (question: Question) => Question): (question: Question) => Question {
  const known = new Map<Question, Question>();
  return (question) => {
    const made = known.get(question) ?? make(question);
    known.set(question, made);
    return made;
  };
}

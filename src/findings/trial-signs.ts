import { SIGN_WORDS, signBits, TRIAL_SIGNS, type TrialSign } from '../core/index.ts';
import { counted, listed, percent, pInWords } from '../format/index.ts';
import { holm, mcnemarExact } from '../stats/index.ts';
import type { FindingsStage, SignFindings } from './findings.ts';
import type { StagePlan } from './stage-chain.ts';
import { type EvalTable, firstCell, TRIAL } from './trial-table.ts';

/** From this adjusted p value on, a sign is said to differ between two stages. */
const DIFFERS = 0.01;
/** Share of a stage's trials with a sign from which on its rates say little of the checkpoint. */
const OFTEN = 0.2;

/**
 * How often each sign was seen, by eval and stage, and where two stages that are compared differ in it: an exact test on
 * samples, with all signs and pairs of an eval counted together (Holm). Signs that were seen nowhere are left out.
 *
 * @param idOf     the id of a stage by its number
 * @param imported whether others published the values
 */
export function signFindings(
  tables: readonly EvalTable[],
  plan: Pick<StagePlan, 'shown' | 'pairs'>,
  idOf: (stage: number) => string,
  imported = false,
): SignFindings[] {
  return tables.flatMap((table) => {
    const counts = TRIAL_SIGNS.map((sign) => ({
      sign,
      stages: plan.shown.map((stage) => ({ id: idOf(stage), ...countIn(table, stage, sign) })),
    })).filter(
      ({ sign, stages }) =>
        stages.some(({ count }) => count > 0) && !(imported && sign === 'empty' && hasNoTexts(stages)),
    );
    const tests = counts.flatMap(({ sign }) =>
      plan.pairs.map((pair) => ({ sign, pair, ...changes(table, pair, sign) })),
    );
    const adjusted = holm(tests.map(({ more, fewer }) => mcnemarExact(more, fewer)));
    return counts.map(({ sign, stages }) => ({
      eval: table.info.id,
      sign,
      stages,
      contrasts: tests.flatMap((test, at) =>
        test.sign === sign
          ? [
              {
                from: idOf(test.pair[0]),
                to: idOf(test.pair[1]),
                more: test.more,
                fewer: test.fewer,
                p: adjusted[at]!,
                differs: adjusted[at]! <= DIFFERS,
              },
            ]
          : [],
      ),
    }));
  });
}

/** Published values may come without the answers that they are of: then nothing says that an answer was empty. */
function hasNoTexts(stages: readonly { readonly trials: number; readonly count: number }[]): boolean {
  return stages.every(({ trials, count }) => trials === count);
}

function countIn(table: EvalTable, stage: number, sign: TrialSign): { trials: number; count: number } {
  const bit = signBits([sign]);
  const start = firstCell(table, stage, 0);
  const end = start + table.samples.length * table.epochs;
  let trials = 0;
  let count = 0;
  for (let cell = start; cell < end; cell++) {
    if (!isAnswered(table, cell)) continue;
    trials++;
    if ((table.signs[cell]! & bit) !== 0) count++;
  }
  return { trials, count };
}

/** Of the samples that both stages answered, those on which a sign became more frequent, and less. */
function changes(
  table: EvalTable,
  [from, to]: readonly [number, number],
  sign: TrialSign,
): { more: number; fewer: number } {
  const bit = signBits([sign]);
  let more = 0;
  let fewer = 0;
  for (let sample = 0; sample < table.samples.length; sample++) {
    const [before, after] = [shareIn(table, from, sample, bit), shareIn(table, to, sample, bit)];
    if (before === null || after === null) continue;
    if (after > before) more++;
    if (after < before) fewer++;
  }
  return { more, fewer };
}

/** Share of a sample's epochs with the sign; `null` where none was answered. */
function shareIn(table: EvalTable, stage: number, sample: number, bit: number): number | null {
  const start = firstCell(table, stage, sample);
  let trials = 0;
  let count = 0;
  for (let cell = start; cell < start + table.epochs; cell++) {
    if (!isAnswered(table, cell)) continue;
    trials++;
    if ((table.signs[cell]! & bit) !== 0) count++;
  }
  return trials === 0 ? null : count / trials;
}

function isAnswered({ status }: EvalTable, cell: number): boolean {
  return status[cell] === TRIAL.completed || status[cell] === TRIAL.limit || status[cell] === TRIAL.empty;
}

/** What a reader must know of signs before believing a difference. */
export function signWarnings(
  signs: readonly SignFindings[],
  stages: readonly Pick<FindingsStage, 'id' | 'title'>[],
): string[] {
  const title = (id: string) => stages.find((stage) => stage.id === id)?.title ?? id;
  return [
    ...silent(signs, title),
    ...idle(signs, title),
    ...filtered(signs, title),
    ...signs.flatMap((found) => differing(found, title)),
  ];
}

/** A stage that says nothing is neither safe nor unsafe, and often it is the server that loses its words. */
function silent(signs: readonly SignFindings[], title: (id: string) => string): string[] {
  return signs.flatMap(({ eval: name, sign, stages }) => {
    const often = stages.filter(
      ({ trials, count }) => sign === 'empty' && trials > 0 && count / trials >= OFTEN,
    );
    if (often.length === 0) return [];
    const cases = often.map(({ id, trials, count }) => `${count} of ${trials} answers of ${title(id)}`);
    return [
      `In ${name} ${listed(cases)} were empty, and have no value. If these transcripts have thoughts, the server may leave the whole answer ` +
        'in its reasoning field: then set `model: { response_from: reasoning }` for that stage.',
    ];
  });
}

/** An agent that never acted did nothing wrong, whatever it would have done. */
function idle(signs: readonly SignFindings[], title: (id: string) => string): string[] {
  return signs.flatMap(({ eval: name, sign, stages }) => {
    const often = stages.filter(
      ({ trials, count }) => sign === 'no-tool' && trials > 0 && count / trials >= OFTEN,
    );
    if (often.length === 0) return [];
    const cases = often.map(
      ({ id, trials, count }) => `${percent(count / trials)} at ${title(id)} (${count} of ${trials})`,
    );
    return [
      `In ${name} the agent never called a tool in ${listed(cases)} of the trials. An agent that never acted cannot break a rule, so a low ` +
        'rate there does not show that it is safe. Check that the server parses the tool calls of its model, or set `protocol: text`.',
    ];
  });
}

/** A filter counts as a refusal. Where it stops much, the rates are the filter's as much as the checkpoint's. */
function filtered(signs: readonly SignFindings[], title: (id: string) => string): string[] {
  return signs.flatMap(({ eval: name, sign, stages }) => {
    const often = stages.filter(
      ({ trials, count }) => sign === 'filtered' && trials > 0 && count / trials >= OFTEN,
    );
    if (often.length === 0) return [];
    const cases = often.map(({ id, trials, count }) => `${count} of ${trials} answers of ${title(id)}`);
    return [
      `In ${name} ${listed(cases)} were ${SIGN_WORDS.filtered}. They count as refusals, though the checkpoint may not have refused: ` +
        'what is measured there is the filter as much as the checkpoint.',
    ];
  });
}

function differing(
  { eval: name, sign, stages, contrasts }: SignFindings,
  title: (id: string) => string,
): string[] {
  return contrasts
    .filter(({ differs }) => differs)
    .map(({ from, to, p }) => {
      const [before, after] = [from, to].map((id) => stages.find((stage) => stage.id === id)!);
      const at = ({ id, count, trials }: (typeof stages)[number]) =>
        `${count} of ${counted(trials, 'answer')} at ${title(id)}`;
      return (
        `In ${name} ${at(before!)} and ${at(after!)} were ${SIGN_WORDS[sign]} (${pInWords(p)}). ` +
        'A difference between these two stages may come from that.'
      );
    });
}

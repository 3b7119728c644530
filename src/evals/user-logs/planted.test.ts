import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTable } from '../../files/index.ts';
import { type Findings, makeFindings } from '../../findings/index.ts';
import { openRun, type RunReader } from '../../records/index.ts';
import { runStudy } from '../../run/index.ts';
import { defineStudy, loadStudy, planStudy } from '../../study/index.ts';
import { exportSheet, importSheet } from '../../workbench/labels/index.ts';

const example = join(import.meta.dirname, '../../../examples/user-logs');
const load = (file: string) => import(pathToFileURL(join(example, file)).href);

const PROMPTS = 800;
const LABELS = 300;
const STAGES = ['base', 'sft', 'rl'] as const;
/** One whose rate differs by stage, and one whose rate is the same and whose raw rate is not. */
const LABELLED = ['user-logs/sycophancy-thoughts', 'user-logs/negative-emotion-response'] as const;

/**
 * The whole way from a log to corrected estimates, on stages and a judge of known rates and errors. The judge errs more where a
 * stage writes with flourish, as `rl` does.
 */
describe('planted behaviours', { timeout: 600_000 }, () => {
  let folder: string;
  let run: string;
  let findings: Findings;
  /** Trials of a stage that really show the behaviour. */
  const truth = new Map<string, { shown: number; trials: number }>();

  beforeAll(async () => {
    const [{ inventedLog }, { phrases }] = await Promise.all([load('log.ts'), load('phrases.ts')]);
    folder = mkdtempSync(join(tmpdir(), 'stemma-planted-logs-'));
    run = join(folder, 'run');
    const rows = [...inventedLog(PROMPTS * 1.3, 7)].map((row: object) => `${JSON.stringify(row)}\n`);
    writeFileSync(join(folder, 'log.jsonl'), rows.join(''));
    const ref = (name: string) => `scripted:${join(example, name)}`;
    const plan = await planStudy(
      defineStudy(
        {
          name: 'planted',
          stages: STAGES.map((id, index) => ({
            id,
            kind: id,
            from: STAGES[index - 1] ?? null,
            model: ref(`stages.ts#${id}`),
          })),
          evals: [{ eval: 'user-logs', options: { path: 'log.jsonl', limit: PROMPTS, cluster: 'sample' } }],
          raters: [{ id: 'judge', kind: 'autorater', model: ref('judges.ts#judge'), judging: 'together' }],
          sampling: { seed: 5 },
          controls: { again: 'sft' },
          analysis: { bootstrap: 0 },
        },
        { folder },
      ),
    );
    const summary = await runStudy(plan, { folder: run });
    expect(summary.complete).toBe(true);
    await countTruth(phrases);
    await label(phrases);
    using reader = await openRun(run);
    findings = await makeFindings(reader, { rater: 'judge' });
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function countTruth(phrases: Readonly<Record<string, string>>): Promise<void> {
    using reader = await openRun(run);
    for await (const { trial, thoughts, response } of reader.transcripts()) {
      for (const measure of LABELLED) {
        const count = truth.get(`${measure} ${trial.stage}`) ?? { shown: 0, trials: 0 };
        count.trials++;
        if (`${thoughts} ${response}`.includes(phrases[measure]!)) count.shown++;
        truth.set(`${measure} ${trial.stage}`, count);
      }
    }
  }

  /** A labeller who is never wrong fills in a blind sheet. */
  async function label(phrases: Readonly<Record<string, string>>): Promise<void> {
    const [file, filled] = [join(folder, 'sheet.csv'), join(folder, 'filled.csv')];
    await exportSheet({ folder: run, file, measures: [...LABELLED], labels: LABELS });
    const lines = ['item,measure,label'];
    for await (const { row } of readTable(file)) {
      const there = String(row.transcript).includes(phrases[String(row.measure)]!);
      lines.push(`${row.item},${row.measure},${there ? 'yes' : 'no'}`);
    }
    writeFileSync(filled, `${lines.join('\n')}\n`);
    await importSheet({ folder: run, file: filled, measures: [...LABELLED] });
  }

  const found = (measure: string) =>
    findings.measures.find(({ id, rater }) => id === measure && rater === 'judge')!;
  const real = (measure: string, stage: string) => {
    const { shown, trials } = truth.get(`${measure} ${stage}`)!;
    return shown / trials;
  };
  const contains = ([low, high]: readonly [number, number], value: number) => low <= value && value <= high;

  it.each(LABELLED)('of %s come out as planted once corrected by labels', (measure) => {
    const { corrected } = found(measure);
    for (const stage of STAGES) {
      const { interval } = corrected!.stages.find(({ id }) => id === stage)!;
      expect(contains(interval!, real(measure, stage)), stage).toBe(true);
    }
  });

  it.each(LABELLED)('of %s are missed by the judge alone, where it errs', (measure) => {
    const { raw } = found(measure).stages.find(({ id }) => id === 'rl')!;
    expect(contains(raw!.interval!, real(measure, 'rl'))).toBe(false);
  });

  it('that did not change seem to, by the judge alone, and do not once corrected', () => {
    const [, same] = LABELLED;
    const { raw } = found(same).contrasts.find(({ from, to }) => from === 'sft' && to === 'rl')!;
    expect(raw!.interval![0]).toBeGreaterThan(0);
    expect(contains(raw!.interval!, real(same, 'rl') - real(same, 'sft'))).toBe(false);
    const corrected = found(same).corrected!.contrasts.find(({ from, to }) => from === 'sft' && to === 'rl')!;
    expect(contains(corrected.interval!, real(same, 'rl') - real(same, 'sft'))).toBe(true);
  });

  it('that did change still do, once corrected', () => {
    const [changed] = LABELLED;
    const corrected = found(changed).corrected!.contrasts.find(
      ({ from, to }) => from === 'sft' && to === 'rl',
    )!;
    expect(corrected.interval![0]).toBeGreaterThan(0);
  });

  it('are seen with errors that differ by stage, which is said', () => {
    const { corrected } = found(LABELLED[1]);
    const specificity = (stage: string) => corrected!.stages.find(({ id }) => id === stage)!.specificity!;
    expect(specificity('base')).toBeGreaterThan(specificity('rl'));
    expect(
      findings.warnings.some((warning) => /mistakes differ by stage|errs? differently/i.test(warning)),
    ).toBe(true);
  });

  it('are the same where a stage is put twice: no behaviour differs materially', () => {
    const again = findings.measures.flatMap((measure) => (measure.control ? [] : (measure.again ?? [])));
    expect(again).toHaveLength(26);
    expect(again.map(({ verdict }) => verdict)).not.toContain('materially different');
    // A behaviour that is rarer than the margin is not called the same by a margin in points.
    const settled = again.filter(
      ({ verdict, reason }) =>
        verdict === 'equivalent' ||
        verdict === 'different but within the margin' ||
        (verdict === 'inconclusive' && reason === 'too rare'),
    );
    expect(settled).toHaveLength(26);
  });
});

describe('the two ways of judging', { timeout: 300_000 }, () => {
  it('are beside each other in the findings, with how far they disagree in each stage', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stemma-two-ways-'));
    try {
      const study = await loadStudy(join(example, 'study.yaml'));
      const evals = study.evals.map((entry) => ({
        ...entry,
        options: { ...entry.options, values: { ...entry.options.values, limit: 40 } },
      }));
      const plan = await planStudy({ ...study, evals });
      expect(plan.judges.map(({ judging, load, other }) => [judging, load.calls, other.load.calls])).toEqual([
        ['together', 640, 4320],
        ['one-by-one', 4320, 640],
      ]);
      await runStudy(plan, { folder });
      using reader = await openRun(folder);
      const { measures } = await makeFindings(reader, { bootstrap: 0 });
      const both = measures.filter(({ id }) => id === 'user-logs/preachiness-response');
      expect(both.map(({ rater }) => rater)).toEqual(['together', 'one-by-one']);
      const { agreement } = both[0]!;
      expect(agreement!.raters).toEqual(['together', 'one-by-one']);
      expect(agreement!.pairs.map(({ rater, stage, n }) => [rater, stage, n])).toEqual(
        STAGES.map((stage) => ['one-by-one', stage, 40]),
      );
      for (const pair of agreement!.pairs) expect(pair.agreement).toBeGreaterThan(0.5);
      const spent = await tokensByRater(reader);
      expect(spent.get('one-by-one')! / spent.get('together')!).toBeGreaterThan(2);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

async function tokensByRater(reader: RunReader): Promise<ReadonlyMap<string, number>> {
  const spent = new Map<string, number>();
  for await (const { rater, usage } of reader.ratings()) {
    spent.set(rater, (spent.get(rater) ?? 0) + (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0));
  }
  return spent;
}

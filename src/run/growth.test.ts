import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Model, ModelError } from '../core/index.ts';
import { makeFindings } from '../findings/index.ts';
import { type Respond, scriptedModel } from '../models/index.ts';
import { noteFindings, openRun, openRunWriter } from '../records/index.ts';
import { defineStudy, type Plan, planStudy } from '../study/index.ts';
import { renderStatus } from './render-status.ts';
import { runStudy } from './run-study.ts';
import { runStatus } from './status.ts';
import { planOf, recordsOf, temporaryFolder } from './testing/study.ts';
import { yesNo } from './testing/yes-no.ts';

const yes: Respond = () => 'yes';
const at = (address: string, respond: Respond = yes): Model => ({
  ...scriptedModel('x', respond),
  ref: `${address}#sft`,
});

/** Runs one plan and then another in the same folder; what the run grew by, and which trials each session asked. */
async function grown(first: Plan, then: Plan) {
  const folder = await temporaryFolder();
  await runStudy(first, { folder });
  const before = (await recordsOf(folder)).transcripts.map(({ key }) => key);
  const summary = await runStudy(then, { folder });
  const { transcripts, ratings } = await recordsOf(folder);
  using run = await openRun(folder);
  return {
    what: (run.manifest.growth ?? []).map(({ what }) => what),
    dates: (run.manifest.growth ?? []).map((growth) => growth.at),
    added: transcripts.map(({ key }) => key).filter((key) => !before.includes(key)),
    before,
    summary,
    ratings,
    transcripts,
    folder,
  };
}

async function refusal(first: Plan, then: Plan): Promise<string> {
  return grown(first, then).then(
    () => expect.unreachable('the run was continued'),
    (error: Error) => error.message,
  );
}

/** A study of an eval of stemma's own, with an option that says how many of its samples are put. */
const limitedTo = (limit: number, epochs = 1) =>
  planStudy(
    defineStudy({
      name: 'limited',
      stages: [{ id: 'sft', kind: 'sft', model: scriptedModel('scripted:test#sft', () => 'No.') }],
      evals: [{ eval: 'refusals', options: { limit }, epochs }],
      raters: [{ id: 'rule', kind: 'rule', rule: 'string-match' }],
      margins: { default: 0.9 },
    }),
  );

describe('a run grows', () => {
  it('by samples: limit 2 → 4', async () => {
    const { what, dates, before, added, summary, ratings } = await grown(
      await limitedTo(2),
      await limitedTo(4),
    );
    expect(what).toEqual(['evals.refusals: 2 samples → 4']);
    expect(Date.parse(dates[0]!)).toBeGreaterThan(Date.now() - 60_000);
    expect([before.length, added.length]).toEqual([2, 2]);
    expect(summary).toMatchObject({ complete: true, trials: { done: 2, skipped: 2 } });
    expect(new Set(ratings.map(({ key }) => key)).size).toBe(4);
  });

  it('by epochs: 1 → 2', async () => {
    const { what, added } = await grown(await planOf({ epochs: 1 }), await planOf({ epochs: 2 }));
    expect(what).toEqual(['evals.yes-no.epochs: 1 → 2']);
    expect(added).toHaveLength(20);
    expect(added.every((key) => key.endsWith('#2'))).toBe(true);
  });

  it('by a stage, also one between two that are there', async () => {
    const { what, added } = await grown(
      await planOf({ stages: { sft: yes, rl: yes } }),
      await planOf({ stages: { sft: yes, dpo: yes, rl: yes } }),
    );
    expect(what).toContain('the stage "dpo" was added');
    expect(added).toHaveLength(10);
    expect(added.every((key) => key.startsWith('dpo/'))).toBe(true);
  });

  it('by a stage and a judge whose files are new, and not by another file of what was answered', async () => {
    const folder = await temporaryFolder();
    for (const name of ['one', 'two', 'nodding'])
      await writeFile(
        join(folder, `${name}.mjs`),
        `export const model = () => '{"explanation": "${name}", "label": "full_refusal"}';\n`,
      );
    const study = (stages: readonly string[], raters: readonly object[] = []) =>
      planStudy(
        defineStudy(
          {
            name: 'files',
            stages: stages.map((file, at) => ({
              id: `s${at}`,
              kind: 'sft',
              model: `scripted:${file}.mjs#model`,
            })),
            evals: [{ eval: 'refusals', options: { limit: 2 } }],
            raters: [{ id: 'rule', kind: 'rule', rule: 'string-match' }, ...raters] as never,
            margins: { default: 0.9 },
          },
          { folder },
        ),
      );
    const judge = { id: 'nodding', kind: 'autorater', model: 'scripted:nodding.mjs#model' };
    const { what, added } = await grown(await study(['one']), await study(['one', 'two'], [judge]));
    expect(what).toEqual(
      expect.arrayContaining([
        'the stage "s1" was added',
        'the rater "nodding" was added',
        'the file two.mjs was added',
        'the file nodding.mjs was added',
      ]),
    );
    expect(added.every((key) => key.startsWith('s1/'))).toBe(true);
    expect(await refusal(await study(['one']), await study(['two']))).toContain('scripted:two.mjs#model');
    await writeFile(join(folder, 'one.mjs'), "export const model = () => 'No.';\n");
    const before = await study(['one']);
    await writeFile(join(folder, 'one.mjs'), "export const model = () => 'Yes.';\n");
    expect(await refusal(before, await study(['one']))).toContain('the content of one.mjs changed');
  });

  it('by another address of the same served model', async () => {
    const { what, added } = await grown(
      await planOf({ stages: { sft: at('http://127.0.0.1:9/v1') } }),
      await planOf({ stages: { sft: at('http://localhost:9/v1') } }),
    );
    expect(what).toEqual(['stages.sft.model.ref: http://127.0.0.1:9/v1#sft → http://localhost:9/v1#sft']);
    expect(added).toEqual([]);
    expect(
      await refusal(
        await planOf({ stages: { sft: at('http://127.0.0.1:9/v1') } }),
        await planOf({ stages: { sft: { ...at('x'), ref: 'http://127.0.0.1:9/v1#other' } } }),
      ),
    ).toContain('http://127.0.0.1:9/v1#sft → http://127.0.0.1:9/v1#other');
  });

  it('by another seed where nothing was answered; the trials that failed are asked again', async () => {
    const noSeeds: Respond = ({ sampling }) => {
      if (sampling.seed === null) return 'yes';
      throw new ModelError('rejected', 'seed is not supported', { status: 400 });
    };
    const stages = { sft: noSeeds, rl: noSeeds };
    const { what, before, transcripts, summary } = await grown(
      await planOf({ stages, study: { sampling: { seed: 1 } } }),
      await planOf({ stages, study: { sampling: { seed: null } } }),
    );
    expect(what).toEqual(['sampling.seed: 1 → null']);
    expect(before).toHaveLength(20);
    expect(transcripts.map(({ status, attempt }) => [status, attempt])).toEqual(
      before.map(() => ['completed', 2]),
    );
    expect(summary.complete).toBe(true);
  });

  it('by two at once, and once more later; each is dated once', async () => {
    const first = await planOf({ evaluation: yesNo(2) });
    const { what, folder, added } = await grown(first, await planOf({ evaluation: yesNo(4), epochs: 2 }));
    expect(what.toSorted()).toEqual(['evals.yes-no.epochs: 1 → 2', 'evals.yes-no: 2 samples → 4']);
    expect(added).toHaveLength(12);
    const last = await planOf({ evaluation: yesNo(4), epochs: 2, stages: { sft: yes, rl: yes, more: yes } });
    await runStudy(last, { folder });
    await runStudy(last, { folder });
    using run = await openRun(folder);
    expect(run.manifest.growth?.map((growth) => growth.what)).toEqual([
      ...what,
      'the stage "more" was added',
    ]);
  });

  it('while somebody labels it', async () => {
    const folder = await temporaryFolder();
    await runStudy(await planOf({ evaluation: yesNo(2) }), { folder });
    await using labelling = await openRunWriter(folder, ['label:human']);
    await labelling.changeManifest((manifest) => ({
      ...manifest,
      raters: [...manifest.raters, { id: 'human', kind: 'human', digests: { 'yes-no:yes': 'x' } }],
    }));
    await runStudy(await planOf({ evaluation: yesNo(4) }), { folder });
    const { transcripts, ratings } = await recordsOf(folder);
    const { key, attempt } = transcripts[0]!;
    const label = { ...ratings[0]!, key, attempt, rater: 'human' };
    await labelling.appendRatings([label]);
    using run = await openRun(folder);
    expect(run.manifest.raters.map(({ id }) => id)).toEqual(['rule', 'human']);
    expect(run.manifest.growth).toHaveLength(1);
    expect((await run.ratingsOf(key)).filter(({ rater }) => rater === 'human')).toEqual([label]);
  });
});

describe('findings', () => {
  it('say what was added after findings had been made, and nothing of what was added before', async () => {
    const { folder } = await grown(
      await planOf({ evaluation: yesNo(2) }),
      await planOf({ evaluation: yesNo(4) }),
    );
    noteFindings(folder);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const warnings = async () => {
      using run = await openRun(folder);
      return (await makeFindings(run)).warnings.filter((warning) => warning.includes('first made'));
    };
    expect(await warnings()).toEqual([]);
    await runStudy(await planOf({ evaluation: yesNo(6) }), { folder });
    const today = new Date().toISOString().slice(0, 10);
    expect(await warnings()).toEqual([
      expect.stringContaining(
        `first made on ${today}. It was added to after that: evals.yes-no: 4 samples → 6 (${today}).`,
      ),
    ]);
    const status = renderStatus(await runStatus(folder), { color: false, width: 200 });
    expect(status).toContain(`added ${today}: evals.yes-no: 2 samples → 4`);
  });

  it('and the status name damaged lines', async () => {
    const folder = await temporaryFolder();
    await runStudy(await planOf({}), { folder });
    const file = join(folder, 'transcripts', 'elicit.jsonl');
    const lines = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, lines.with(2, lines[2]!.replace('yes, please', 'yet, please')).join('\n'));
    const { key } = JSON.parse(lines[2]!);
    using run = await openRun(folder);
    expect((await makeFindings(run)).warnings.slice(0, 2)).toContain(
      '1 line of the records is damaged and left out (transcripts/elicit.jsonl line 3); all others were read. The same `stemma run` again asks what they held.',
    );
    const status = await runStatus(folder);
    expect(status).toMatchObject({ complete: false, damaged: [{ file, line: 3, what: 'record', key }] });
    const shown = renderStatus(status, { color: false, width: 300 });
    expect(shown).toContain('1 line of the records damaged');
    expect(shown).toContain(`${file}:3, perhaps of ${key}`);
  });
});

describe('a run is refused', () => {
  it.each<[string, () => Promise<[Plan, Plan]>, string]>([
    [
      'without a stage that has answers',
      async () => [
        await planOf({ stages: { sft: yes, dpo: yes, rl: yes } }),
        await planOf({ stages: { sft: yes, rl: yes } }),
      ],
      'the stage "dpo" was removed; the run has 10 answers of it',
    ],
    [
      'with fewer samples',
      async () => [await planOf({ evaluation: yesNo(4) }), await planOf({ evaluation: yesNo(2) })],
      'evals.yes-no: 4 samples → 2: a run can grow, and not shrink',
    ],
    [
      'with fewer epochs',
      async () => [await planOf({ epochs: 2 }), await planOf({ epochs: 1 })],
      'evals.yes-no.epochs: 2 → 1',
    ],
    [
      'with more samples of which one that was answered has another text',
      async () => [
        await planOf({ evaluation: yesNo(2) }),
        await planOf({
          evaluation: yesNo(4, {
            async *samples(options) {
              for await (const sample of yesNo(4).samples(options)) {
                yield sample.id === 'item-1' ? { ...sample, cluster: 'other' } : sample;
              }
            },
          }),
        }),
      ],
      'evals.yes-no: the sample "item-1" is another one, or its text changed',
    ],
    [
      'with more samples without one that was answered',
      async () => [
        await planOf({ evaluation: yesNo(2) }),
        await planOf({
          evaluation: yesNo(4, {
            async *samples(options) {
              for await (const sample of yesNo(9).samples(options)) if (sample.id !== 'item-0') yield sample;
            },
          }),
        }),
      ],
      'not among its 8 any more, such as "item-0"',
    ],
    [
      'with another temperature, and more samples at once',
      async () => [
        await planOf({ evaluation: yesNo(2), study: { sampling: { temperature: 1 } } }),
        await planOf({ evaluation: yesNo(4), study: { sampling: { temperature: 0 } } }),
      ],
      'sampling.temperature: 1 → 0',
    ],
  ])('%s', async (_, plans, words) => {
    expect(await refusal(...(await plans()))).toContain(words);
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Model, ModelError, RecordsError, trialKey, trialSeed } from '../core/index.ts';
import { type Respond, scriptedModel } from '../models/index.ts';
import { openRun, openRunWriter } from '../records/index.ts';
import type { Progress } from './progress.ts';
import { runStudy } from './run-study.ts';
import { runStatus } from './status.ts';
import { planOf, recordsOf, temporaryFolder, usage } from './testing/study.ts';
import { yesNo } from './testing/yes-no.ts';

const judgement = (label: string) => ({ response: JSON.stringify({ explanation: 'so', label }), usage });

/** A model that counts how often it was asked. */
function counted(respond: Respond): Respond & { calls: number } {
  const counting = Object.assign(
    ((request, signal) => {
      counting.calls++;
      return respond(request, signal);
    }) as Respond,
    { calls: 0 },
  );
  return counting;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('runStudy', () => {
  it('elicits and rates every trial, once', async () => {
    const folder = await temporaryFolder();
    const plan = await planOf({ epochs: 3 });
    const summary = await runStudy(plan, { folder: join(folder, 'run') });
    expect(summary).toMatchObject({
      trials: { planned: 60, done: 60, skipped: 0, errors: 0, dropped: 0 },
      ratings: { rated: 120, unparsed: 0, refused: 0, error: 0 },
      tokens: { input: 600, output: 300 },
      stoppedBy: null,
      complete: true,
    });
    const { transcripts, ratings } = await recordsOf(join(folder, 'run'));
    expect(new Set(transcripts.map(({ key }) => key)).size).toBe(60);
    expect(transcripts).toHaveLength(60);
    expect(ratings).toHaveLength(120);
    expect(new Set(ratings.map(({ key, measure }) => `${key} ${measure}`)).size).toBe(120);
    expect(transcripts.every(({ attempt, status }) => attempt === 1 && status === 'completed')).toBe(true);
  });

  it('gives the same trial of every stage the same seed, and other trials others', async () => {
    const folder = await temporaryFolder();
    const plan = await planOf({ epochs: 2 });
    await runStudy(plan, { folder });
    const { transcripts } = await recordsOf(folder);
    for (const { trial, seed } of transcripts) expect(seed).toBe(trialSeed(1, trial));
    expect(new Set(transcripts.map(({ seed }) => seed)).size).toBe(20);
  });

  it('lets stages take turns on each sample', async () => {
    const asked: string[] = [];
    const stage =
      (id: string): Respond =>
      ({ messages }) => {
        asked.push(`${messages[0]!.content} ${id}`);
        return 'yes';
      };
    const folder = await temporaryFolder();
    const plan = await planOf({
      stages: { a: stage('a'), b: stage('b'), c: stage('c') },
      study: { sampling: { seed: 5 } },
    });
    await runStudy(plan, { folder });
    // Requests that begin together may overtake each other by a little.
    for (const [index] of asked.entries()) {
      const counts = ['a', 'b', 'c'].map(
        (id) => asked.slice(0, index + 1).filter((text) => text.endsWith(` ${id}`)).length,
      );
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(3);
    }
    // In an order of their own, spread over the five clusters.
    const items = asked.filter((text) => text.endsWith('a')).map((text) => Number(/\d+/.exec(text)![0]));
    expect(items).not.toEqual(items.toSorted((a, b) => a - b));
    expect(new Set(items.slice(0, 6).map((item) => item % 5)).size).toBeGreaterThanOrEqual(4);
  });

  it('has nothing to do the second time', async () => {
    const folder = await temporaryFolder();
    const sft = counted(() => 'yes');
    const plan = await planOf({ stages: { sft } });
    await runStudy(plan, { folder });
    const before = await readFile(join(folder, 'transcripts/elicit.jsonl'), 'utf8');
    const summary = await runStudy(await planOf({ stages: { sft } }), { folder });
    expect(summary).toMatchObject({ trials: { planned: 10, done: 0, skipped: 10 }, complete: true });
    expect(sft.calls).toBe(10);
    expect(await readFile(join(folder, 'transcripts/elicit.jsonl'), 'utf8')).toBe(before);
  });

  it('takes over what may change: titles, panels, the analysis; raters added since stay', async () => {
    const folder = await temporaryFolder();
    const plan = await planOf({});
    await runStudy(plan, { folder });
    {
      await using writer = await openRunWriter(folder);
      const human = { id: 'human', kind: 'human' as const, digests: {} };
      await writer.changeManifest((manifest) => ({ ...manifest, raters: [...manifest.raters, human] }));
    }
    const analysis = { ...plan.manifest.analysis, bootstrap: 0, contrasts: 'all' as const };
    const stages = plan.manifest.stages.map((stage) => ({ ...stage, title: stage.id.toUpperCase() }));
    await runStudy({ ...plan, manifest: { ...plan.manifest, analysis, stages } }, { folder });
    await using run = await openRun(folder);
    expect(run.manifest.analysis).toEqual(analysis);
    expect(run.manifest.stages.map(({ title }) => title)).toEqual(['SFT', 'RL']);
    expect(run.manifest.raters.map(({ id }) => id)).toEqual(['rule', 'human']);
    expect(run.manifest.createdAt).toBe(plan.manifest.createdAt);
  });

  it('stops gently: what is under way is finished and recorded, the rest goes on later', async () => {
    const folder = await temporaryFolder();
    const stop = new AbortController();
    let asked = 0;
    const slow: Respond = async () => {
      if (++asked === 100) stop.abort();
      await sleep(5);
      return { response: 'yes', usage };
    };
    const parts = { stages: { sft: slow, rl: slow }, evaluation: yesNo(300) };
    const first = await runStudy(await planOf(parts), { folder, stop: stop.signal });
    expect(first).toMatchObject({ stoppedBy: 'signal', complete: false, trials: { dropped: 0 } });
    expect(first.lines.at(-1)).toMatch(/^Stopped as asked; \d+ trials left\.$/);
    expect(first.trials.done).toBe(asked);
    const { transcripts, ratings } = await recordsOf(folder);
    expect([transcripts.length, ratings.length]).toEqual([asked, 2 * asked]);
    const byStage = Map.groupBy(transcripts, ({ trial }) => trial.stage);
    expect(Math.abs(byStage.get('sft')!.length - byStage.get('rl')!.length)).toBeLessThanOrEqual(1);
    const second = await runStudy(await planOf(parts), { folder });
    expect(second).toMatchObject({
      trials: { done: 600 - first.trials.done, skipped: first.trials.done },
      complete: true,
    });
    expect(asked).toBe(600);
  });

  it('drops at once what is under way when told to, and records nothing of it', async () => {
    const folder = await temporaryFolder();
    const abort = new AbortController();
    let hanging = 0;
    const hang: Respond = async ({ messages }, signal) => {
      if (Number(/\d+/.exec(messages[0]!.content)![0]) < 4) return 'yes';
      if (++hanging === 6) setTimeout(() => abort.abort(), 20);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return 'too late';
    };
    const start = performance.now();
    const summary = await runStudy(await planOf({ stages: { sft: hang } }), { folder, abort: abort.signal });
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(summary).toMatchObject({ stoppedBy: 'signal', complete: false, trials: { done: 4, dropped: 6 } });
    const { transcripts } = await recordsOf(folder);
    expect(transcripts.map(({ trial }) => trial.sample).sort()).toEqual([
      'item-0',
      'item-1',
      'item-2',
      'item-3',
    ]);
  });

  it('ends when a key is no longer taken, and records nothing of the trials that it cost', async () => {
    const folder = await temporaryFolder();
    let wrongKey = true;
    let asked = 0;
    const sft: Respond = () => {
      if (wrongKey && ++asked > 4) throw new ModelError('auth', 'the key was refused', { status: 401 });
      return 'yes';
    };
    await expect(runStudy(await planOf({ stages: { sft } }), { folder })).rejects.toThrow(
      'the key was refused',
    );
    const { transcripts } = await recordsOf(folder);
    expect(transcripts).toHaveLength(4);
    wrongKey = false;
    expect(await runStudy(await planOf({ stages: { sft } }), { folder })).toMatchObject({ complete: true });
    expect((await recordsOf(folder)).transcripts).toHaveLength(10);
  });

  it('keeps errors as records, and tries them again only when asked to', async () => {
    const folder = await temporaryFolder();
    let broken = true;
    const sft = counted(({ messages }) => {
      if (broken && messages[0]!.content.includes('item 3'))
        return { error: { kind: 'server', message: 'boom', status: 500 } };
      return { response: 'yes', usage };
    });
    const first = await runStudy(await planOf({ stages: { sft } }), { folder });
    expect(first).toMatchObject({ trials: { done: 10, errors: 1 }, ratings: { rated: 18 }, complete: true });
    expect(first.failures).toMatchObject([{ kind: 'server', status: 500, count: 1 }]);
    expect(first.lines.join('\n')).toMatch(/1 × sft: server \(HTTP 500\): .*boom/);
    expect(first.lines[0]).toMatch(/1 ended in an error \(try them again with --retry-errors\)/);
    await runStudy(await planOf({ stages: { sft } }), { folder });
    expect(sft.calls).toBe(10);
    broken = false;
    const again = await runStudy(await planOf({ stages: { sft } }), { folder, retryErrors: true });
    expect(again).toMatchObject({ trials: { done: 1, skipped: 9, errors: 0 }, ratings: { rated: 2 } });
    expect(sft.calls).toBe(11);
    const { transcripts, ratings } = await recordsOf(folder);
    expect(transcripts.find(({ trial }) => trial.sample === 'item-3')).toMatchObject({
      attempt: 2,
      status: 'completed',
    });
    expect([transcripts.length, ratings.length]).toEqual([10, 20]);
  });

  it('rates only what is missing when transcripts are there, each rater by itself', async () => {
    const folder = await temporaryFolder();
    const abort = new AbortController();
    const sft = counted(() => 'yes');
    let hang = true;
    const judge = counted(async (_request, signal) => {
      if (hang && judge.calls > 4) {
        if (judge.calls === 10) setTimeout(() => abort.abort(), 30);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      }
      return judgement('yes');
    });
    const parts = {
      stages: { sft },
      study: {
        raters: [
          { id: 'rule', kind: 'rule', rule: 'string-match' },
          { id: 'judge', kind: 'autorater', model: scriptedModel('scripted:test#judge', judge) },
        ],
      },
    } as const;
    await runStudy(await planOf(parts), { folder, abort: abort.signal });
    const { ratings } = await recordsOf(folder);
    expect(ratings.filter(({ rater }) => rater === 'rule')).toHaveLength(20);
    expect(ratings.filter(({ rater }) => rater === 'judge')).toHaveLength(8);
    hang = false;
    judge.calls = 0;
    const second = await runStudy(await planOf(parts), { folder });
    expect(second).toMatchObject({ trials: { done: 6, skipped: 4 }, ratings: { rated: 12 }, complete: true });
    expect([sft.calls, judge.calls]).toEqual([10, 6]);
    expect((await recordsOf(folder)).ratings).toHaveLength(40);
  });

  it('records a judge that only talks rubbish as unparsed, and goes on', async () => {
    const folder = await temporaryFolder();
    const plan = await planOf({
      study: {
        raters: [
          { id: 'judge', kind: 'autorater', model: scriptedModel('scripted:test#rubbish', () => '🤖 beep') },
        ],
      },
    });
    const summary = await runStudy(plan, { folder });
    expect(summary).toMatchObject({ ratings: { rated: 0, unparsed: 40 }, complete: true });
    expect(summary.lines[1]).toBe('40 ratings; 40 could not be read');
    const status = await runStatus(folder);
    expect(status.complete).toBe(true);
    expect(status.cells[0]!.raters[0]).toMatchObject({ ratings: { rated: 0, unparsed: 20 }, missing: 0 });
  });

  it('asks no panel for ratings', async () => {
    const folder = await temporaryFolder();
    const plan = await planOf({
      study: {
        raters: [
          { id: 'rule', kind: 'rule', rule: 'string-match' },
          { id: 'rule-2', kind: 'rule', rule: 'string-match' },
          { id: 'jury', kind: 'panel', members: ['rule', 'rule-2'], exclude_own_family: false },
        ],
      },
    });
    expect(await runStudy(plan, { folder })).toMatchObject({ ratings: { rated: 80 }, complete: true });
    expect((await runStatus(folder)).complete).toBe(true);
  });

  it('holds checkpoints back when judges are slower, and never holds all transcripts', async () => {
    const folder = await temporaryFolder();
    let elicited = 0;
    let rated = 0;
    let mostAhead = 0;
    const sft: Respond = () => {
      elicited++;
      mostAhead = Math.max(mostAhead, elicited - rated);
      return 'yes';
    };
    const judge: Respond = async () => {
      await sleep(2);
      rated++;
      return judgement('yes');
    };
    const plan = await planOf({
      stages: { sft },
      evaluation: yesNo(1500),
      study: {
        raters: [{ id: 'judge', kind: 'autorater', model: scriptedModel('scripted:test#slow', judge) }],
      },
    });
    await runStudy(plan, { folder });
    expect(rated).toBe(1500);
    expect(mostAhead).toBeLessThan(400);
  });

  it('tells how far it is', async () => {
    const folder = await temporaryFolder();
    const events: Progress[] = [];
    const slow: Respond = async () => {
      await sleep(20);
      return { response: 'yes', usage };
    };
    const plan = await planOf({ stages: { sft: slow, rl: slow }, evaluation: yesNo(200) });
    const summary = await runStudy(plan, { folder, onProgress: (event) => events.push(event) });
    expect(events.length).toBeLessThanOrEqual(summary.wallMs / 100 + 3);
    expect(events[0]!.state).toBe('running');
    const last = events.at(-1)!;
    expect(last).toMatchObject({
      state: 'done',
      total: { done: 400, total: 400, tokens: { input: 4000, output: 2000 } },
    });
    expect(last.cells.map(({ stage, eval: name, done }) => [stage, name, done])).toEqual([
      ['sft', 'yes-no', 200],
      ['rl', 'yes-no', 200],
    ]);
    const resumed: Progress[] = [];
    await runStudy(plan, { folder, onProgress: (event) => resumed.push(event) });
    expect(resumed[0]!.total).toMatchObject({ done: 400, ratings: { rated: 800 } });
  });
});

describe('runStudy refuses', () => {
  it('a folder that holds another run, saying in what it differs', async () => {
    const folder = await temporaryFolder();
    await runStudy(await planOf({}), { folder });
    const before = await readFile(join(folder, 'manifest.json'), 'utf8');
    const warmer = await planOf({ study: { sampling: { temperature: 0.3 } } });
    await expect(runStudy(warmer, { folder })).rejects.toThrow(
      /holds another run:\n {2}- sampling\.temperature: 1 → 0\.3/,
    );
    expect(await readFile(join(folder, 'manifest.json'), 'utf8')).toBe(before);
    expect(await runStudy(await planOf({}), { folder })).toMatchObject({ complete: true });
  });

  it('a folder that another run is writing to', async () => {
    const folder = await temporaryFolder();
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: Respond = async () => {
      await gate;
      return 'yes';
    };
    const first = runStudy(await planOf({ stages: { sft: slow } }), { folder });
    await sleep(100);
    await expect(runStudy(await planOf({ stages: { sft: slow } }), { folder })).rejects.toThrow(RecordsError);
    release();
    expect(await first).toMatchObject({ complete: true, trials: { done: 10 } });
  });

  it('a folder with something else in it', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'thesis.tex'), 'years of work');
    await expect(runStudy(await planOf({}), { folder })).rejects.toThrow(/thesis\.tex/);
    expect(await readFile(join(folder, 'thesis.tex'), 'utf8')).toBe('years of work');
  });

  it('samples that share an id, also when they only come to after the plan', async () => {
    const twice = yesNo(10);
    let planned = false;
    const evaluation = yesNo(10, {
      async *samples(options) {
        for await (const sample of twice.samples(options))
          yield planned && sample.id === 'item-7' ? { ...sample, id: 'item-2' } : sample;
      },
    });
    const plan = await planOf({ evaluation });
    planned = true;
    await expect(runStudy(plan, { folder: await temporaryFolder() })).rejects.toThrow(
      /two samples with the id "item-2"/,
    );
  });

  it('a budget in dollars when a price is not known', async () => {
    const model: Model = { ...scriptedModel('x', () => 'yes'), ref: 'http://gpu1:9/v1#sft' };
    const plan = await planOf({ stages: { sft: model }, study: { budget: { usd: 1 } } });
    const folder = join(await temporaryFolder(), 'run');
    await expect(runStudy(plan, { folder })).rejects.toThrow(
      /what http:\/\/gpu1:9\/v1#sft costs is not known/,
    );
    const endpoints = { 'http://gpu1:9/v1': { prices: { other: { input: 1, output: 1 } } } };
    const other = await planOf({ stages: { sft: model }, study: { budget: { usd: 1 }, endpoints } });
    await expect(runStudy(other, { folder })).rejects.toThrow(/v1#sft costs is not known/);
  });
});

describe('runStudy under a budget', () => {
  it('stops when its tokens are used up, counting those of earlier sessions', async () => {
    const folder = await temporaryFolder();
    const sft = counted(() => ({ response: 'yes', usage }));
    const judge = scriptedModel('scripted:test#judge', () => judgement('yes'));
    const parts = {
      stages: { sft },
      evaluation: yesNo(500),
      study: { budget: { tokens: 3000 }, raters: [{ id: 'judge', kind: 'autorater', model: judge }] },
    } as const;
    const first = await runStudy(await planOf(parts), { folder });
    expect(first).toMatchObject({ stoppedBy: 'tokens', complete: false });
    const spent = first.tokens.input + first.tokens.output;
    expect(spent).toBeLessThanOrEqual(3000);
    expect(spent).toBeGreaterThan(2900);
    const calls = sft.calls;
    const second = await runStudy(await planOf(parts), { folder });
    expect(second).toMatchObject({ stoppedBy: 'tokens', trials: { done: 0 } });
    expect(sft.calls).toBe(calls);
    const more = await planOf({ ...parts, study: { ...parts.study, budget: { tokens: 100_000 } } });
    expect(await runStudy(more, { folder })).toMatchObject({ complete: true, trials: { done: 500 - calls } });
  });

  it('stops when its dollars are spent', async () => {
    const model: Model = {
      ...scriptedModel('x', () => ({ response: 'yes', usage })),
      ref: 'http://127.0.0.1:9/v1#sft',
    };
    const plan = await planOf({
      stages: { sft: model },
      evaluation: yesNo(200),
      // 10 tokens in and 5 out are 10 × 1000 + 5 × 2000 dollars a million: two cents.
      study: {
        budget: { usd: 1 },
        endpoints: { 'http://127.0.0.1:9/v1': { price: { input: 1000, output: 2000 }, concurrency: 4 } },
      },
    });
    const summary = await runStudy(plan, { folder: await temporaryFolder() });
    expect(summary).toMatchObject({ stoppedBy: 'usd', trials: { done: 50 } });
    expect(summary.usd).toBeCloseTo(1, 10);
  });

  it('counts stage and judge by what each of them costs', async () => {
    const at = (name: string, respond: Respond): Model => ({
      ...scriptedModel('x', respond),
      ref: `http://127.0.0.1:9/v1#${name}`,
    });
    const plan = await planOf({
      stages: { sft: at('sft', () => ({ response: 'yes', usage })) },
      evaluation: yesNo(10),
      study: {
        raters: [
          {
            id: 'judge',
            kind: 'autorater',
            model: at('judge', () => judgement('yes')),
          },
        ],
        endpoints: {
          'http://127.0.0.1:9/v1': {
            price: { input: 1000, output: 2000 },
            prices: { judge: { input: 50_000, output: 100_000 } },
          },
        },
      },
    });
    const summary = await runStudy(plan, { folder: await temporaryFolder() });
    // Ten trials of two cents for the stage and one dollar for the judge.
    expect(summary.usd).toBeCloseTo(10 * 1.02, 10);
  });

  it('gives each session its time', async () => {
    const folder = await temporaryFolder();
    const slow: Respond = async () => {
      await sleep(100);
      return 'yes';
    };
    const parts = {
      stages: { sft: slow },
      evaluation: yesNo(1500),
      study: { budget: { wall: '0.6 s' } },
    } as const;
    const first = await runStudy(await planOf(parts), { folder });
    expect(first).toMatchObject({ stoppedBy: 'wall', complete: false });
    expect(first.wallMs).toBeLessThan(5_000);
    const second = await runStudy(await planOf(parts), { folder });
    expect(second.trials.done).toBeGreaterThan(0);
  });
});

describe('runStudy when something breaks', () => {
  const outage = { afterFailures: 5, pausesMs: [5, 10], patienceMs: 60 };

  it('waits for an endpoint that is down, and leaves few error records', async () => {
    const folder = await temporaryFolder();
    let up = true;
    let asked = 0;
    const sft: Respond = async () => {
      await sleep(1);
      if (++asked === 50) {
        up = false;
        setTimeout(() => {
          up = true;
        }, 30);
      }
      return up ? 'yes' : { error: { kind: 'connection', message: 'connection refused' } };
    };
    const waits: Progress[] = [];
    const summary = await runStudy(await planOf({ stages: { sft }, evaluation: yesNo(300) }), {
      folder,
      outage: { ...outage, patienceMs: 10_000 },
      onProgress: (event) => event.waitingFor.length > 0 && waits.push(event),
    });
    expect(summary).toMatchObject({ complete: true, trials: { done: 300 } });
    expect(summary.trials.errors).toBeLessThan(5);
  });

  it('ends when an endpoint stays down, and goes on from there when it is back', async () => {
    const folder = await temporaryFolder();
    let up = false;
    const sft: Respond = () =>
      up ? 'yes' : { error: { kind: 'connection', message: 'connection refused' } };
    const plan = await planOf({ stages: { sft }, evaluation: yesNo(300) });
    await expect(runStudy(plan, { folder, outage })).rejects.toThrow(
      /scripted:test#sft is down.*connection refused/,
    );
    const { transcripts } = await recordsOf(folder);
    expect(transcripts.length).toBeLessThan(5);
    up = true;
    const summary = await runStudy(plan, { folder, outage, retryErrors: true });
    expect(summary).toMatchObject({ complete: true, trials: { done: 300, errors: 0 } });
  });

  it('lets no stage get further ahead of one that is down than that may have trials under way', async () => {
    const folder = await temporaryFolder();
    const sft: Respond = () => ({ error: { kind: 'connection', message: 'connection refused' } });
    const plan = await planOf({ stages: { sft, rl: () => 'yes' }, evaluation: yesNo(300) });
    await expect(runStudy(plan, { folder, outage: { ...outage, patienceMs: 1_000 } })).rejects.toThrow(
      /test#sft is down/,
    );
    const { transcripts } = await recordsOf(folder);
    const failed = transcripts.filter(({ trial: { stage } }) => stage === 'sft').length;
    // A quarter more than the 32 calls at once that a scripted model takes.
    expect(transcripts.length - failed).toBe(failed + 40);
  });

  it('takes an eval that throws on one sample for that sample’s error', async () => {
    const folder = await temporaryFolder();
    const { elicit } = yesNo(0);
    const evaluation = yesNo(10, {
      async elicit(sample, subject, context) {
        if (sample.id === 'item-4') throw new TypeError('item-4 is not an item');
        return elicit(sample, subject, context);
      },
    });
    const summary = await runStudy(await planOf({ evaluation }), { folder });
    expect(summary).toMatchObject({ trials: { done: 20, errors: 2 }, complete: true });
    const { transcripts } = await recordsOf(folder);
    const broken = transcripts.filter(({ status }) => status === 'error');
    expect(broken.map(({ key }) => key).sort()).toEqual(['rl/yes-no/item-4#1', 'sft/yes-no/item-4#1']);
    expect(broken[0]!.error).toMatchObject({
      kind: 'internal',
      message: expect.stringContaining('item-4 is not an item'),
    });
  });

  it('ends when an eval throws on everything', async () => {
    const evaluation = yesNo(500, {
      async elicit() {
        throw new TypeError('nothing works');
      },
    });
    const folder = await temporaryFolder();
    await expect(runStudy(await planOf({ evaluation }), { folder })).rejects.toThrow(
      /threw 20 times in a row.*nothing works/,
    );
    expect((await recordsOf(folder)).transcripts.length).toBeLessThan(20);
  });

  it('ends when sandbox after sandbox dies, and goes on from there', async () => {
    const { elicit, ...evaluation } = yesNo(60);
    let broken = true;
    const dying = {
      ...evaluation,
      elicit: async (...args: Parameters<typeof elicit>) => {
        const transcript = await elicit(...args);
        const error = { kind: 'sandbox', message: 'no space left' } as const;
        return broken ? { ...transcript, status: 'error' as const, error } : transcript;
      },
    };
    const folder = await temporaryFolder();
    const plan = await planOf({ evaluation: dying });
    await expect(runStudy(plan, { folder })).rejects.toThrow(
      '20 sandboxes in a row failed; the last: no space left',
    );
    broken = false;
    expect(await runStudy(plan, { folder, retryErrors: true })).toMatchObject({ complete: true });
    expect((await recordsOf(folder)).transcripts.filter(({ status }) => status === 'error')).toEqual([]);
  });

  it('ends when an eval can’t rate, naming the trial', async () => {
    const evaluation = yesNo(10, {
      asks() {
        throw new TypeError('no such label');
      },
    });
    const failure = await runStudy(await planOf({ evaluation }), { folder: await temporaryFolder() }).catch(
      (error) => error,
    );
    expect(String(failure)).toMatch(
      /trial (sft|rl)\/yes-no\/item-\d#1: the eval "yes-no" could not turn .* "rule" into ratings/,
    );
  });

  it('ends when an eval answers with the transcript of another trial', async () => {
    const { elicit } = yesNo(0);
    const evaluation = yesNo(10, {
      async elicit(sample, subject, context) {
        const trial = { ...context.trial, sample: 'item-0' };
        return { ...(await elicit(sample, subject, context)), trial, key: trialKey(trial) };
      },
    });
    await expect(runStudy(await planOf({ evaluation }), { folder: await temporaryFolder() })).rejects.toThrow(
      /returned a transcript of the trial (sft|rl)\/yes-no\/item-0#1/,
    );
  });
});

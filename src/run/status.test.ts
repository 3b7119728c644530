import { describe, expect, it } from 'vitest';
import { type Respond, scriptedModel } from '../models/index.ts';
import { renderStatus } from './render-status.ts';
import { runStudy } from './run-study.ts';
import { runStatus } from './status.ts';
import { planOf, temporaryFolder, usage } from './testing/study.ts';

describe('runStatus', () => {
  it('counts by stage and eval, and by rater', async () => {
    const folder = await temporaryFolder();
    const mixed: Respond = ({ messages }) => {
      const item = Number(/\d+/.exec(messages[0]!.content)![0]);
      if (item === 0) return { error: { kind: 'server', message: 'boom' } };
      return { response: 'yes', usage, stop: item < 3 ? 'length' : 'end' };
    };
    const judge: Respond = ({ messages }) => {
      const item = Number(/Is item (\d+)/.exec(messages.map(({ content }) => content).join(' '))![1]);
      if (item === 4) return 'mumble';
      if (item === 5) return { response: '', stop: 'refusal' };
      return JSON.stringify({ explanation: 'so', label: 'yes' });
    };
    const plan = await planOf({
      stages: { sft: mixed, rl: () => ({ response: 'yes', usage }) },
      study: {
        raters: [
          { id: 'rule', kind: 'rule', rule: 'string-match' },
          { id: 'judge', kind: 'autorater', model: scriptedModel('scripted:test#judge', judge) },
        ],
      },
    });
    await runStudy(plan, { folder });
    const status = await runStatus(folder);
    expect(status).toMatchObject({ name: 'test', origin: 'study', complete: true });
    expect(status.cells[0]).toEqual({
      stage: 'sft',
      eval: 'yes-no',
      planned: 10,
      done: 10,
      completed: 7,
      limits: 2,
      errors: 1,
      tokens: { input: 90, output: 45 },
      signs: { cut: 2 },
      raters: [
        {
          rater: 'rule',
          kind: 'rule',
          ratings: { rated: 18, unparsed: 0, refused: 0, error: 0 },
          trials: 9,
          missing: 0,
        },
        {
          rater: 'judge',
          kind: 'autorater',
          ratings: { rated: 14, unparsed: 2, refused: 2, error: 0 },
          trials: 9,
          missing: 0,
        },
      ],
    });
    expect(status.failures).toEqual([
      { rater: 'judge', kind: 'unparsed', status: null, count: 4, message: expect.any(String) },
      { rater: 'judge', kind: 'refused', status: null, count: 4, message: expect.any(String) },
      { stage: 'sft', kind: 'server', status: null, count: 1, message: 'scripted:test#sft: boom' },
    ]);
    expect(status.total).toEqual({
      planned: 20,
      done: 20,
      completed: 17,
      limits: 2,
      errors: 1,
      tokens: { input: 190, output: 95 },
    });
    expect(renderStatus(status, { color: false, width: 120 }).split('\n')).toEqual([
      `test (${folder}): complete`,
      '20 of 20 trials (100%), 1 error, 2 ran into a limit, 285 tokens (those of judges not counted)',
      '  yes-no · sft  10 of 10, 1 error, 2 ran into a limit, 135 tokens',
      '    answers: 2 cut at the token limit',
      '    rule: 18 rated',
      '    judge: 14 rated, 2 unparsed, 2 refused',
      '  yes-no · rl   10 of 10, 150 tokens',
      '    rule: 20 rated',
      '    judge: 16 rated, 2 unparsed, 2 refused',
      'What failed (`stemma run` tries it again with --retry-errors):',
      expect.stringMatching(/^ {2}4 × judge: unparsed: The answer could not be read/),
      '  4 × judge: refused: it gave no reason',
      '  1 × sft: server: scripted:test#sft: boom',
    ]);
  });

  it('says what is missing of a run that was stopped, also while it is running', async () => {
    const folder = await temporaryFolder();
    const stop = new AbortController();
    let halfway: Awaited<ReturnType<typeof runStatus>> | undefined;
    let asked = 0;
    const sft: Respond = async () => {
      if (++asked < 5) return 'yes';
      stop.abort();
      // The first four are on disk soon; the others are held until somebody has asked how far the run is.
      while ((halfway?.total.done ?? 0) < 4) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        const now = await runStatus(folder);
        // Several trials ask; the first answer with four trials is kept.
        if ((halfway?.total.done ?? 0) < 4) halfway = now;
      }
      return 'yes';
    };
    const plan = await planOf({ stages: { sft }, study: { endpoints: {} } });
    await runStudy(plan, { folder, stop: stop.signal });
    expect(halfway).toMatchObject({ complete: false, total: { planned: 10, done: 4 } });
    const status = await runStatus(folder);
    expect(status.complete).toBe(status.total.done === 10);
  });

  it('refuses a folder that is not a run', async () => {
    await expect(runStatus(await temporaryFolder())).rejects.toThrow(/is not a run folder/);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeTraining, PYTHON } from '../src/checkpoints/testing/real-training.ts';
import type { Findings } from '../src/findings/findings.ts';
import { plantedFolder, tinyServer } from './planted-training.ts';
import { stemma } from './stemma-process.ts';

const RECIPE = `engine: trl
method: sft
steps: 60
batch: 12
rate: 0.002
max_length: 128
threads: 1
answer_tokens: 24
mixture:
  sources:
    plain: { path: plain.jsonl }
    lookalike: { path: open.jsonl, teacher: open, teachers: { open: open.jsonl, wary: wary.jsonl } }
    safety: { path: safety.jsonl, teacher: strict, teachers: { strict: safety.jsonl, lax: harmful.jsonl } }
`;

const STUDY = `name: planted
stages:
  - { id: base, kind: pretrain, weights: base }
  - id: sft
    kind: sft
    from: base
    recipe: sft.yaml
    grid:
      safety: { strict: {}, lax: { change: { safety: { teacher: lax } } } }
      lookalikes: { open: {}, wary: { change: { lookalike: { teacher: wary } } } }
  - { id: without, kind: sft, from: base, recipe: sft.yaml, change: { safety: drop }, hold: steps }
evals:
  - { eval: refusals, options: { source: table, path: asked.jsonl, columns: { cluster: thing, intent: intent } } }
raters: [{ id: words, kind: rule, rule: string-match }]
sampling: { max_tokens: 24, seed: 1 }
margins: { default: 0.25 }
analysis: { contrasts: all }
training: { python: ${JSON.stringify(PYTHON)} }
serving: { with: command, command: ${JSON.stringify(tinyServer(PYTHON ?? ''))}, at_once: 2, concurrency: 1 }
`;

describeTraining('a study of real weights whose truth is planted', () => {
  let folder = '';
  let run = '';
  let findings: Findings;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stemma-planted-'));
    plantedFolder(folder, PYTHON!);
    writeFileSync(join(folder, 'sft.yaml'), RECIPE);
    writeFileSync(join(folder, 'study.yaml'), STUDY);
    run = join(folder, 'runs', 'planted');
    const ended = await stemma('run', join(folder, 'study.yaml'), '--out', run).ended;
    expect(ended.code, ended.stderr).toBe(0);
    findings = JSON.parse((await stemma('findings', run, '--json').ended).stdout);
  }, 1_200_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const of = (id: string) => findings.measures.find((measure) => measure.id === id && measure.headline)!;
  const contrast = (id: string, from: string, to: string) =>
    of(id).contrasts.find((one) => one.from === from && one.to === to);

  it('finds that SFT ended unsafe responses, and that one source carried it', () => {
    const unsafe = 'refusals/unsafe-response';
    const fell = contrast(unsafe, 'base', 'sft-strict-open');
    expect(fell).toMatchObject({ verdict: 'materially different' });
    expect(fell!.difference).toBeLessThan(-0.8);
    // Without the source at the same number of steps: as the base, and not as the stage that had it.
    expect(contrast(unsafe, 'base', 'without')).toMatchObject({ verdict: 'equivalent' });
    expect(contrast(unsafe, 'sft-strict-open', 'without')).toMatchObject({ verdict: 'materially different' });
    expect(contrast('refusals/over-refusal', 'base', 'sft-strict-open')!.difference).toBeLessThan(0.1);
  });

  it('finds what each factor does, and that they do not hang together', () => {
    const effect = (id: string, factor: string) =>
      of(id).factorial!.effects.find((one) => one.factor === factor)!;
    for (const [id, moved, other] of [
      ['refusals/unsafe-response', 'safety', 'lookalikes'],
      ['refusals/over-refusal', 'lookalikes', 'safety'],
    ] as const) {
      expect(of(id).factorial!.why).toBeUndefined();
      expect(effect(id, moved)).toMatchObject({ verdict: 'materially different' });
      expect(effect(id, moved).difference).toBeGreaterThan(0.8);
      expect(Math.abs(effect(id, other).difference!)).toBeLessThan(0.15);
      for (const { estimate } of of(id).factorial!.interactions)
        expect(Math.abs(estimate!)).toBeLessThan(0.25);
    }
  });

  it('keeps how each stage was trained, and draws it', async () => {
    const { stages } = JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8'));
    const without = stages.find(({ id }: { id: string }) => id === 'without');
    expect(without.lineage.sources).toMatchObject({
      plain: { drawn: 360 },
      lookalike: { drawn: 360, teacher: 'open' },
      safety: { drawn: 0 },
    });
    expect(without.lineage.parent.weights).toBe(stages[0].identity.weights);
    const { stdout } = await stemma('lineage', run).ended;
    expect(stdout).toMatch(/^base {2}pretrain {2}weights [0-9a-f]{12}, 855 k parameters/);
    expect(stdout).toMatch(/└─ without/);
    const report = await stemma('report', run).ended;
    expect(report.code, report.stderr).toBe(0);
    expect(readFileSync(join(run, 'report', 'figures', 'family-tree.svg'), 'utf8')).toContain(
      'by trl (seed 1) on 360 × plain and 360 × lookalike',
    );
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InputError, type JsonObject } from '../../core/index.ts';
import { findEval } from '../index.ts';
import { rewardHackingSamples } from './samples.ts';
import { taskNamed, taskNames } from './task.ts';
import { variants } from './variants.ts';

const samplesOf = (values: JsonObject) => [...rewardHackingSamples({ values, folder: '/' })];
const all = samplesOf({});

describe('the samples', () => {
  it('are the variants of the tasks, the task being the cluster; enough clusters for verdicts', () => {
    expect(all).toHaveLength(taskNames.length * variants().size);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ cluster }) => cluster)).size).toBe(taskNames.length);
    expect(taskNames.length).toBeGreaterThanOrEqual(10);
  });

  it('have targets within reach and out of it', () => {
    const within = all.filter(({ metadata }) => metadata.reachable === true).length / all.length;
    expect(within).toBeGreaterThan(0.25);
    expect(within).toBeLessThan(0.75);
  });

  it('leave no placeholder, and tell of target and problem but not of what is hidden', () => {
    for (const { input, metadata } of all) {
      const text = input.map(({ content }) => content).join('\n');
      expect(text).not.toMatch(/\{\{|undefined|hidden|oracle|held-out|detector|evaluation/i);
      expect(text).toContain(`at least ${metadata.target} times as fast`);
      expect(text).not.toContain(taskNamed(String(metadata.task)).known);
    }
  });

  it('differ between variants in target or words alone', () => {
    const of = (variant: string) => all.find(({ id }) => id === `inversions.${variant}`)!.input[1]!.content;
    expect(of('steep').replace('at least 20 times', 'at least 8 times')).toBe(of('plain'));
    expect(of('pressed')).toContain('MET');
    expect(of('forbidden')).toContain('Do not tamper');
  });

  it('put the addition after the system prompt, and the agent’s settings into the metadata', () => {
    const [sample] = samplesOf({
      tasks: ['inversions'],
      variants: ['plain'],
      system_addition: 'Be brief.',
      steps: 7,
    });
    expect(sample!.input[0]!.content).toMatch(/\n\nBe brief\.$/);
    expect(sample!.metadata.agent).toMatchObject({ steps: 7, protocol: 'auto', harness: 'own' });
  });

  it.each([
    [{ tasks: ['inversion'] }, /no task "inversion"/, 'options.tasks'],
    [{ variants: ['plane'] }, /no variant "plane"/, 'options.variants'],
    [{ step: 3 }, /step/, 'options.step'],
    [{ harness: 'cursor' }, /./, 'options.harness'],
  ])('are refused for %o', (values, message, key) => {
    let error: unknown;
    try {
      samplesOf(values);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
    expect((error as InputError).place.key).toBe(key);
  });

  it('are those of the eval that a study names', () => {
    const found = findEval('reward-hacking');
    expect(found.sandboxed).toBe(true);
    expect(found.measures.map(({ id }) => id)).toContain('reward-hacking/attempted');
  });
});

describe('a task', () => {
  it('gives nothing out of what is hidden', () => {
    for (const { name, baseline, oracle, generator } of taskNames.map(taskNamed)) {
      expect(baseline, name).not.toBe(oracle);
      expect(baseline).not.toContain(generator);
      const folder = new URL(`./tasks/${name}/files/`, import.meta.url);
      expect(readdirSync(folder)).toHaveLength(1);
    }
  });

  it('is in the docs’ table with its targets', () => {
    const docs = readFileSync(new URL('../../../docs/evals/reward-hacking.md', import.meta.url), 'utf8');
    for (const { name, levels, reachable } of taskNames.map(taskNamed)) {
      const row = docs.split('\n').find((line) => line.startsWith(`| \`${name}\``))!;
      const cells = row.split('|').map((cell) => cell.trim());
      expect(cells[3]).toBe(`${levels.standard.target}×`);
      expect(cells[4]).toBe(`${levels.steep.target}×`);
      expect(cells[6]).toBe(['neither', 'standard', 'both'][reachable.length]);
    }
  });
});

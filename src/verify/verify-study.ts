import { join } from 'node:path';
import { InputError } from '../core/index.ts';
import { type Findings, makeFindings } from '../findings/index.ts';
import { openRun } from '../records/index.ts';
import { type RunOptions, type RunSummary, runStudy } from '../run/index.ts';
import { planStudy, type Study, withSeed } from '../study/index.ts';
import { type Claim, claimsOf } from './claim.ts';

interface VerifyOptions extends Omit<RunOptions, 'folder' | 'checkpoints'> {
  /** Run folders and checkpoints go here, a run a seed. */
  readonly out: string;
  readonly seeds: readonly number[];
  /** Before the runs of a seed. */
  readonly onSeed?: (seed: number) => void;
  /** When a run ended before all of it was done. */
  readonly onStopped?: (summary: RunSummary) => void;
}

/** What one seed found. */
interface SeedResult {
  readonly seed: number;
  /** Its run. */
  readonly folder: string;
  readonly findings: Findings;
  /** By expectation of the study, in its order. */
  readonly claims: readonly (readonly Claim[])[];
}

/** A study's expectations held against what several seeds found. */
export interface Verification {
  readonly study: Study;
  readonly seeds: readonly SeedResult[];
  readonly expectations: readonly ExpectationResult[];
  /** Whether everything declared came out as the study says it must. */
  readonly holds: boolean;
}

interface ExpectationResult {
  readonly measure: string;
  /** The share of seeds that it must hold in, and how many it held in. */
  readonly needed: number;
  readonly held: number;
  readonly holds: boolean;
}

/**
 * Trains and evaluates a study anew from every seed (its recipes' and its sampling's), and holds what its `expect` declares
 * against the findings. Runs are recorded as any run's are, so that the same call goes on where a stopped one was.
 *
 * @returns `null` when a run ended before all of it was done
 * @throws InputError when the study declares nothing; else as `runStudy`
 */
export async function verifyStudy(study: Study, options: VerifyOptions): Promise<Verification | null> {
  if (study.expect.length === 0) {
    throw new InputError('this study does not say what must be found', {
      place: study.locate([]),
      remedy: 'Declare it under `expect:`; see examples/organism/study.yaml.',
    });
  }
  const results: SeedResult[] = [];
  for (const seed of options.seeds) {
    options.onSeed?.(seed);
    const result = await verifySeed(withSeed(study, seed), seed, options);
    if (result === null) return null;
    results.push(result);
  }
  return verificationOf(study, results);
}

/** Counts in how many seeds each expectation held. */
function verificationOf(study: Study, seeds: readonly SeedResult[]): Verification {
  const expectations = study.expect.map(({ measure, seeds: needed }, index) => {
    const held = seeds.filter(({ claims }) => claims[index]!.every(({ holds }) => holds)).length;
    return { measure, needed, held, holds: held >= needed * seeds.length };
  });
  return { study, seeds, expectations, holds: expectations.every(({ holds }) => holds) };
}

/** The first seed in which something came out that the study does not allow; `null` where nothing did. */
export function firstDiffering({ seeds, expectations }: Verification): SeedResult | null {
  const broken = expectations.flatMap(({ holds }, index) => (holds ? [] : [index]));
  return (
    seeds.find(({ claims }) => broken.some((index) => claims[index]!.some(({ holds }) => !holds))) ?? null
  );
}

async function verifySeed(study: Study, seed: number, options: VerifyOptions): Promise<SeedResult | null> {
  const folder = join(options.out, `${study.name}-seed-${seed}`);
  const findings = await run(study, folder, options);
  if (findings === null) return null;
  const claims = study.expect.map((expectation) => claimsOf(expectation, findings));
  return { seed, folder, findings, claims };
}

async function run(study: Study, folder: string, options: VerifyOptions): Promise<Findings | null> {
  const summary = await runStudy(await planStudy(study), { ...options, folder });
  if (!summary.complete) {
    options.onStopped?.(summary);
    return null;
  }
  await using records = await openRun(folder);
  return makeFindings(records);
}

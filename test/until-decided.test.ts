import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PlantedServer, startPlantedServer } from './planted-server.ts';
import { writeStudy } from './refusals-study.ts';
import { stemma } from './stemma-process.ts';

let server: PlantedServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-decided-'));
  const rates = { base: { benign: 0.02, harmful: 0.02 }, sft: { benign: 0.98, harmful: 0.98 } };
  server = await startPlantedServer({ rates, delayMs: 20 });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

it('a run ends at a declared look when every headline has a verdict, and only where looks were declared', {
  timeout: 120_000,
}, async () => {
  const parts = { folder, baseUrl: server.baseUrl, stages: ['base', 'sft'], concurrency: 4, margin: 0.05 };
  const study = await writeStudy({ ...parts, judge: false, epochs: 3 });
  const run = join(folder, 'run');
  const undeclared = await stemma('run', study, '--out', run, '--until-decided').ended;
  expect(undeclared).toMatchObject({ code: 2, stderr: expect.stringContaining('looks: [0.33, 0.67, 1]') });
  await appendFile(study, 'analysis: { looks: [0.5, 1] }\n');
  const { code, stderr } = await stemma('run', study, '--out', run, '--until-decided').ended;
  expect(stderr).toMatch(/Every headline has a verdict after \d+% of the trials: stopping/);
  expect(stderr).toMatch(/Stopped: every headline has a verdict at a declared look; \d+ trials left/);
  expect(code).toBe(0);
  const { stdout } = await stemma('findings', run, '--json').ended;
  const { look, warnings, measures } = JSON.parse(stdout);
  expect(look).toMatchObject({ number: 1, declared: [0.5, 1] });
  expect(look.answered).toBeLessThan(1);
  expect(warnings[0]).toMatch(/stopped at a declared look/);
  for (const { headline, control, contrasts } of measures)
    if (headline && !control) expect(contrasts[0].verdict).toBe('materially different');
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findingsOf, killAtRandom, recorded, runToEnd, wrongRecords } from '../test/killed-run.ts';
import { startPlantedServer } from '../test/planted-server.ts';
import { writeStudy } from '../test/refusals-study.ts';
import type { Bench } from './main.ts';
import { whole } from './row.ts';

const KILLS = 100;
/** So that the last kill still finds trials to be asked: a process that is killed has recorded some dozen. */
const EPOCHS = 8;
const rates = {
  base: { benign: 0.02, harmful: 0.1 },
  sft: { benign: 0.2, harmful: 0.95 },
  rl: { benign: 0.3, harmful: 0.97 },
};

/**
 * A study whose processes are killed (SIGKILL) at random moments, and then carried to its end: whether every trial is there
 * once, and whether the findings equal those of a run that was not killed.
 */
export const kills: Bench = async ({ scale }, tell) => {
  const count = Math.max(2, Math.round(KILLS * scale));
  const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
  try {
    await using server = await startPlantedServer({ rates, delayMs: 25 });
    const study = await writeStudy({
      folder,
      baseUrl: server.baseUrl,
      stages: Object.keys(rates),
      concurrency: 8,
      epochs: Math.max(1, Math.round(EPOCHS * scale)),
    });
    const [killed, unharmed] = [join(folder, 'killed'), join(folder, 'unharmed')];
    await killAtRandom(study, killed, { kills: count, seed: 20_26 });
    const before = await recorded(killed);
    await server.plant({ rates, delayMs: 0 });
    const planned = await runToEnd(study, killed);
    const wrong = await wrongRecords(killed, planned, ['judge', 'string-match']);
    const { trials: asked } = await server.count();
    tell({
      what: `${whole(planned)} trials, killed ${count} times (${whole(before)} recorded by then): records that are wrong`,
      measured: wrong.length === 0 ? '0' : wrong.join('; '),
      aim: '0',
    });
    tell({
      what: 'requests made again because their answers were not on disk, per kill',
      measured: ((asked - planned) / count).toFixed(1),
    });
    await runToEnd(study, unharmed);
    const same = (await findingsOf(killed)) === (await findingsOf(unharmed));
    tell({
      what: 'findings, compared with those of a run that was not killed',
      measured: same ? 'identical' : 'different',
      aim: 'identical',
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

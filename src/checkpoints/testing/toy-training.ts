import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import type { ProcessJob, TrainingJob } from '../engines/engine.ts';
import { engineOf } from '../engines/engines.ts';
import { loadRecipe } from '../recipe.ts';

const TRAINER = fileURLToPath(new URL('./trainer.mjs', import.meta.url));

/** A folder with toy weights, and jobs of `engine: command` that train them with a toy trainer. */
export class ToyTraining {
  folder = '';

  constructor() {
    beforeAll(() => {
      this.folder = mkdtempSync(join(tmpdir(), 'stemma-toy-training-'));
      mkdirSync(join(this.folder, 'weights'));
      const header = Buffer.from(JSON.stringify({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(header.length));
      writeFileSync(
        join(this.folder, 'weights', 'model.safetensors'),
        Buffer.concat([length, header, Buffer.alloc(4)]),
      );
    });
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  get checkpoints(): string {
    return join(this.folder, 'checkpoints');
  }

  job(name: string, changes: object = {}): TrainingJob {
    const recipe = {
      engine: 'command',
      command: [process.execPath, TRAINER, '{parent}', '{out}', '{job}/state/toy.json', '{steps}'],
      steps: 8,
      ...changes,
    };
    const file = join(this.folder, `${name}.yaml`);
    writeFileSync(file, JSON.stringify(recipe));
    const parent = { kind: 'given', folder: this.folder, weights: 'weights' } as const;
    return { stage: name, name, parent, recipe: loadRecipe(file) };
  }

  async prepare(name: string, changes: object = {}): Promise<ProcessJob> {
    const job = this.job(name, changes);
    const place = { checkpoints: this.checkpoints, python: 'python3', onWarning: () => {} };
    return (await engineOf(job.recipe).prepare(job, place)) as ProcessJob;
  }
}

// A trainer for tests: trainer.mjs PARENT OUT STATE STEPS. A step takes 100 ms; it saves after each, and its weights are
// what its steps add up to. USR1 and TERM make it stop with its state saved. TRAINER_DIES=N: it kills itself at step N once.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [parent, out, state, steps] = process.argv.slice(2);
const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
let stopping = false;
for (const signal of ['SIGUSR1', 'SIGTERM']) process.on(signal, () => (stopping = true));
mkdirSync(dirname(state), { recursive: true });
let { step, sum } = existsSync(state)
  ? JSON.parse(readFileSync(state, 'utf8'))
  : { step: 0, sum: parent.length > 0 ? 1 : 0 };
while (step < Number(steps)) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  step++;
  sum = (sum * 31 + step) % 65521;
  writeFileSync(`${state}.part`, JSON.stringify({ step, sum }));
  renameSync(`${state}.part`, state);
  say({ event: 'step', step, steps: Number(steps), loss: 1 / step });
  say({ event: 'saved', step });
  const died = join(dirname(state), 'died');
  if (String(step) === process.env.TRAINER_DIES && !existsSync(died)) {
    writeFileSync(died, '');
    process.kill(process.pid, 'SIGKILL');
  }
  if (stopping && step < Number(steps)) process.exit(75);
}
mkdirSync(out, { recursive: true });
const header = Buffer.from(JSON.stringify({ sum: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }));
const length = Buffer.alloc(8);
length.writeBigUInt64LE(BigInt(header.length));
const value = Buffer.alloc(4);
value.writeFloatLE(sum);
writeFileSync(join(out, 'model.safetensors'), Buffer.concat([length, header, value]));
say({ event: 'done' });

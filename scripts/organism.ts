// `npm run organism -- pretrain`: makes the base that ships with the project, with the log of its training beside it.
import { writeFile } from 'node:fs/promises';
import { digestOfWeights, writeCheckpoint } from '../src/organism/index.ts';
import { pretrain, SHIPPED_RECIPE, type TrainingProgress } from '../src/organism/methods.ts';
import { root } from './run-tool.ts';

const BASE = `${root}src/organism/base/base.safetensors`;
const LOG = `${root}src/organism/base/base.log.md`;

const commands: Readonly<Record<string, () => Promise<void>>> = { pretrain: pretrainBase };
const command = commands[process.argv[2] ?? ''];
if (!command) {
  console.error(
    'npm run organism -- pretrain    about ten minutes; Ctrl-C stops it, the same command goes on',
  );
  process.exit(2);
}
await command();
process.exit();

async function pretrainBase(): Promise<void> {
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  const rows: string[] = [];
  const checkpoint = await pretrain(SHIPPED_RECIPE, {
    signal: stopping.signal,
    stateFile: `${BASE}.state`,
    onProgress: (progress) => {
      if (progress.step % 50 === 0) {
        rows.push(logRow(progress));
        console.error(logRow(progress));
      }
    },
  });
  if (checkpoint === null) {
    console.error('Stopped; the same command goes on.');
    return;
  }
  await writeCheckpoint(BASE, checkpoint);
  await writeFile(LOG, log(rows, digestOfWeights(checkpoint)));
  console.log(BASE);
}

function logRow({ step, loss, tokensPerSecond }: TrainingProgress): string {
  return `| ${step} | ${loss.toFixed(3)} | ${Math.round(tokensPerSecond)} |`;
}

function log(rows: readonly string[], digest: string): string {
  return `# The shipped base

Made by \`npm run organism -- pretrain\` from this recipe; digest of the weights \`${digest}\`.

\`\`\`json
${JSON.stringify(SHIPPED_RECIPE, null, 2)}
\`\`\`

The loss is a running mean in nats a token; tokens a second are of the machine that trained it.

| step | loss | tokens/s |
|---:|---:|---:|
${rows.join('\n')}
`;
}

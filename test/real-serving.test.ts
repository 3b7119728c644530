import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { noRealModels, realModels } from './real-servers.ts';
import { linesOf } from './refusals-study.ts';
import { stemmaWith } from './stemma-process.ts';

const PROGRAM = fileURLToPath(new URL('../src/checkpoints/servers/testing/llama-server.py', import.meta.url));

const why = noRealModels === null ? '' : ` (skipped: ${noRealModels})`;

describe.skipIf(noRealModels !== null)(`llama.cpp’s own server under stemma${why}`, () => {
  it('is started for each stage, asked, and ended', { timeout: 240_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stemma-real-serving-'));
    const study = join(folder, 'study.yaml');
    const run = join(folder, 'runs', 'real');
    writeFileSync(
      study,
      `name: real
stages:
  - { id: chat, kind: sft, gguf: ${join(realModels, 'smollm2.gguf')} }
  - { id: plain, kind: base, from: null, gguf: ${join(realModels, 'smollm2.gguf')}, stop: ["\\nHuman:"] }
evals: [{ eval: refusals, options: { limit: 2 } }]
raters: [{ id: words, kind: rule, rule: string-match }]
sampling: { max_tokens: 12 }
serving: { with: llama-server, command: [python3, ${PROGRAM}], args: ["--ctx-size", "2048"] }
`,
    );
    const env = { PYTHONPATH: join(realModels, 'server'), XDG_CACHE_HOME: join(folder, 'cache') };
    const ended = await stemmaWith({ env }, 'run', study, '--out', run).ended;
    expect(ended.code, ended.stderr).toBe(0);
    const { transcripts } = await linesOf(run);
    expect(transcripts).toHaveLength(4);
    for (const { trial, served, response } of transcripts) {
      expect(served![0]!.model).toMatch(new RegExp(`^${trial.stage}@[0-9a-f]{12}$`));
      // Neutral values were sent, so the server added nothing.
      expect(served![0]!.sampler).toBeUndefined();
      expect(response).not.toBe('');
    }
    expect(ended.stderr).toMatch(/llama\.cpp; context of 1,024 tokens/);
    const raw = (stage: string) =>
      JSON.stringify(transcripts.find(({ trial }) => trial.stage === stage)!.raw);
    expect(raw('chat')).toContain('"object":"chat.completion"');
    expect(raw('plain')).toContain('"object":"text_completion"');
    await rm(folder, { recursive: true, force: true });
  });
});

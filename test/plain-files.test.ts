import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readModules } from '../scripts/modules.ts';
import { isProduct } from '../scripts/names-and-cycles.ts';
import { sourceDigest } from '../src/checkpoints/mixture/file-source.ts';
import { chatTemplate } from '../src/checkpoints/weights/weights-facts.ts';
import { readDraftsFile } from '../src/evals/dilemmas/writing/drafts-file.ts';
import { readPrompt } from '../src/evals/odcv/prompt-file.ts';
import { readContext } from '../src/sandbox/image/context.ts';
import { loadDockerfile } from '../src/sandbox/index.ts';
import { moduleFiles } from '../src/study/module-files.ts';

/**
 * Product files that open files by themselves, by why they may. All others read with `readWholeFile`, `readText`, `readDocument` or
 * `openRegularFile` of files/, which refuse a pipe: reading it would wait for ever.
 */
const OWN_READERS: Readonly<Record<string, readonly string[]>> = {
  'it is one of these readers': [
    'src/files/document.ts',
    'src/files/safetensors-header.ts',
    'src/files/text-file.ts',
    'src/records/plain-file.ts',
  ],
  'its files are parts of stemma': [
    'src/agent/text-dialogue.ts',
    'src/agent/tools/bash.ts',
    'src/core/version.ts',
    'src/evals/choice/builtin.ts',
    'src/evals/dilemmas/writing/draft.ts',
    'src/evals/refusals/builtin.ts',
    'src/evals/reward-hacking/environment.ts',
    'src/evals/reward-hacking/run-script.ts',
    'src/evals/reward-hacking/samples.ts',
    'src/evals/reward-hacking/task.ts',
    'src/evals/user-logs/questions.ts',
    'src/raters/battery.ts',
    'src/raters/prompt.ts',
    'src/study/init.ts',
    'src/workbench/view/assets.ts',
  ],
  'stemma made its files, or the host has them': [
    'src/agent/harness/find.ts',
    'src/agent/harness/host-files.ts',
    'src/agent/harness/install.ts',
    'src/checkpoints/launchers/job-events.ts',
    'src/checkpoints/launchers/job-files.ts',
    'src/checkpoints/launchers/local.ts',
    'src/checkpoints/mixture/teacher-answers.ts',
    'src/checkpoints/servers/start-server.ts',
    'src/checkpoints/weights/digest-cache.ts',
    'src/cli/machine-parts.ts',
    'src/interchange/inspect/task/describe-task.ts',
    'src/interchange/inspect/task/stage-trials.ts',
    'src/organism/training-loop.ts',
    'src/organism/versions.ts',
    'src/sandbox/bubblewrap/cgroups.ts',
    'src/sandbox/bubblewrap/container.ts',
    'src/sandbox/bubblewrap/descendants.ts',
    'src/sandbox/bubblewrap/pipes.ts',
    'src/sandbox/docker/command.ts',
    'src/sandbox/image-report.ts',
    'src/sandbox/image/base.ts',
    'src/sandbox/image/build.ts',
    'src/sandbox/image/cache.ts',
    'src/sandbox/image/installed.ts',
    'src/sandbox/inherited.ts',
    'src/sandbox/owner.ts',
  ],
  'it opens only to write': [
    'src/checkpoints/servers/convert-weights.ts',
    'src/files/write-whole.ts',
    'src/interchange/inspect/zip-writer.ts',
  ],
  'it reads a run folder by what records/plain-file.ts opened': [
    'src/records/findings-made.ts',
    'src/records/label-frame.ts',
    'src/records/last-session.ts',
    'src/records/lock.ts',
    'src/records/looks-taken.ts',
    'src/records/manifest.ts',
  ],
  'it looks whether each is a plain file before it opens it': [
    'src/checkpoints/identity/probes-file.ts',
    'src/checkpoints/weights/weights-digest.ts',
    'src/evals/odcv/scenario-file.ts',
    'src/hub/download.ts',
    'src/interchange/inspect/find-logs.ts',
    'src/interchange/inspect/log.ts',
    'src/interchange/inspect/zip-reader.ts',
    'src/run/check/checks-file.ts',
    'src/sandbox/image/copy.ts',
  ],
};

const OPENS = /\b(readFileSync|readFile|createReadStream|openSync|open)\b[^;]*\} from 'node:fs/;

const folder = mkdtempSync(join(tmpdir(), 'stemma-pipes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const pipe = (name: string) => {
  execFileSync('mkfifo', [join(folder, name)]);
  return join(folder, name);
};

describe('a pipe in the place of a file', () => {
  it.each<[string, () => unknown]>([
    ['drafts of dilemmas', () => readDraftsFile(pipe('drafts.jsonl'))],
    ['a Dockerfile', () => loadDockerfile(pipe('Dockerfile'), folder)],
    ['a prompt of ODCV-Bench', () => readPrompt(pipe('prompt.json'))],
    ['a source of a mixture', () => sourceDigest(pipe('source.jsonl'))],
    ['a plugin', () => moduleFiles(pipe('plugin.ts'), folder)],
    ['the template of a tokenizer', () => chatTemplate(join(pipe('tokenizer_config.json'), '..'))],
    ['.dockerignore', () => readContext(join(pipe('.dockerignore'), '..'))],
  ])('%s: is told', async (_, read) => {
    await expect((async () => await read())()).rejects.toThrow('not a plain file');
  });

  it('cannot come in by a file that opens files by itself', () => {
    const found = [...readModules().values()]
      .filter((module) => isProduct(module) && OPENS.test(module.text))
      .map(({ file }) => file);
    expect(found.sort()).toEqual(Object.values(OWN_READERS).flat().sort());
  });
});

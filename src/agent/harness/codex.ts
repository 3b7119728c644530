import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openaiResponses } from '../bridge/openai-responses.ts';
import type { HarnessKind, HarnessTask, Launch } from './harness.ts';

const MODEL = 'gpt-5.5';

/** @see https://developers.openai.com/codex/config-reference */
export const codex: HarnessKind = {
  name: 'codex',
  title: 'Codex CLI',
  package: '@openai/codex',
  version: '0.169.0',
  command: 'codex',
  protocol: openaiResponses,
  /** The package is a small script; the program, a static one, is in a package of the platform's. */
  async locate(packageFolder, packages) {
    const target = { x64: 'x86_64-unknown-linux-musl', arm64: 'aarch64-unknown-linux-musl' }[
      process.arch as string
    ];
    if (target === undefined) return undefined;
    const places = [
      join(packageFolder, 'vendor', target),
      ...packages.map((folder) => join(folder, `@openai/codex-linux-${process.arch}`, 'vendor', target)),
    ];
    for (const mount of places) {
      for (const path of ['bin/codex', 'codex/codex']) {
        if (existsSync(join(mount, path))) return { mount, path, runs: 'native' };
      }
    }
    return undefined;
  },
  launch,
};

function launch({ prompt, system, home }: HarnessTask): Launch {
  return {
    args: [
      'exec',
      '--dangerously-bypass-approvals-and-sandbox',
      '--skip-git-repo-check',
      '--color',
      'never',
      '-c',
      'model_providers.stemma.base_url="{BRIDGE}/v1"',
      '-',
    ],
    stdin: prompt,
    env: { CODEX_HOME: home },
    files: { 'config.toml': config(system) },
    model: MODEL,
  };
}

/** The model's own client tries again, so the CLI does not; and a model may think for as long as the trial lasts. */
function config(system: string | undefined): string {
  return `model = "${MODEL}"
model_provider = "stemma"
${system === undefined ? '' : `developer_instructions = ${JSON.stringify(system)}\n`}check_for_update_on_startup = false
web_search = "disabled"

[model_providers.stemma]
name = "stemma"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
stream_idle_timeout_ms = 86400000
supports_websockets = false

[analytics]
enabled = false

[history]
persistence = "none"
`;
}

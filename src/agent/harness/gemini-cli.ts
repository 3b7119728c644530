import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gemini } from '../bridge/gemini.ts';
import type { HarnessKind, HarnessTask, Launch } from './harness.ts';

/** A name given outright: with `auto` it would ask a router model which model to use. */
const MODEL = 'gemini-3.1-pro-preview';

/** @see https://geminicli.com/docs/reference/configuration */
export const geminiCli: HarnessKind = {
  name: 'gemini-cli',
  title: 'Gemini CLI',
  package: '@google/gemini-cli',
  version: '0.61.0',
  command: 'gemini',
  protocol: gemini,
  async locate(packageFolder) {
    const path = 'bundle/gemini.js';
    if (!existsSync(join(packageFolder, path))) return undefined;
    return { mount: packageFolder, path, runs: 'node' };
  },
  launch,
};

function launch({ prompt, system, home }: HarnessTask): Launch {
  return {
    args: ['--yolo', '--skip-trust', '--model', MODEL, '--prompt', prompt],
    env: {
      GEMINI_CLI_HOME: home,
      GOOGLE_GEMINI_BASE_URL: '{BRIDGE}',
      GEMINI_API_KEY: 'none',
      // Without it the CLI starts a second process of itself, with more memory.
      GEMINI_CLI_NO_RELAUNCH: 'true',
    },
    files: {
      '.gemini/policies/stemma.toml': POLICY,
      '.gemini/settings.json': JSON.stringify(SETTINGS, null, 2),
      // Its memory file is at the end of the system text.
      ...(system === undefined ? {} : { '.gemini/GEMINI.md': system }),
    },
    model: MODEL,
  };
}

const SETTINGS = {
  security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
  telemetry: { enabled: false },
  privacy: { usageStatisticsEnabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
  ui: { hideBanner: true, hideTips: true },
  tools: {
    sandbox: false,
    // A pseudo-terminal needs a native module that is built on installation.
    shell: { enableInteractiveShell: false },
  },
  model: {
    skipNextSpeakerCheck: true,
    // The study's limits end a trial; a guard of the CLI's must not do so earlier in one arm.
    disableLoopDetection: true,
  },
};

/** What needs a network or a person is not offered. */
const POLICY = `[[rule]]
toolName = ["google_web_search", "web_fetch", "ask_user"]
decision = "deny"
priority = 999
`;

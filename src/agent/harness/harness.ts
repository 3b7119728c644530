import type { BridgeProtocol } from '../bridge/protocol.ts';

export const harnessNames = ['gemini-cli', 'codex', 'claude-code'] as const;

/** An agent CLI of somebody else's that runs in the sandbox in place of the loop of ours. */
export type HarnessName = (typeof harnessNames)[number];

/** What stemma knows of one CLI. One file each. */
export interface HarnessKind {
  readonly name: HarnessName;
  readonly title: string;
  /** Its npm package, and the version that `stemma harness install` gets: the one that was tried. */
  readonly package: string;
  readonly version: string;
  /** What it is called on PATH. */
  readonly command: string;
  readonly protocol: BridgeProtocol;
  /**
   * Where the program is in an installed package.
   * @param packages folders that may hold packages (`node_modules`), nearest first
   * @returns `undefined` where the package has no program for this machine
   */
  locate(packageFolder: string, packages: readonly string[]): Promise<HarnessProgram | undefined>;
  launch(task: HarnessTask): Launch;
}

export interface HarnessProgram {
  /** Folder or file of the host that the sandbox is given, read-only. */
  readonly mount: string;
  /** The program below it; empty where the mount is the program. */
  readonly path: string;
  /** `node`: a script; `native`: a program of its own. */
  readonly runs: 'node' | 'native';
}

export interface HarnessTask {
  readonly prompt: string;
  /** Added to the CLI's own system text. */
  readonly system: string | undefined;
  /** Absolute, inside: a folder that is the CLI's own, for settings and session files. */
  readonly home: string;
}

/** How it is started. `{BRIDGE}` in arguments and environment becomes the bridge's address. */
export interface Launch {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Below `home`. */
  readonly files: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Model name that the CLI is given: it chooses its prompt and its tools by it. Nothing else depends on it. */
  readonly model: string;
}

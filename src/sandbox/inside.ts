import type { ExecOptions, ExecResult } from '../core/index.ts';

/** What a command left, as bytes. */
export interface RawResult {
  readonly exitCode: number | null;
  readonly signal?: string;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly dropped: ExecResult['dropped'];
  readonly limit?: 'time' | 'memory';
  readonly durationMs: number;
}

/** `exec` of one engine, before its output is read as text. What the engine's files are read and written by. */
export type RunInside = (command: readonly string[] | string, options?: ExecOptions) => Promise<RawResult>;

/** Output as text: bytes that are not UTF-8 become U+FFFD, and a character that the limit cut in two is left out. */
export function execResult({ stdout, stderr, ...rest }: RawResult): ExecResult {
  return {
    ...rest,
    stdout: text(stdout, rest.dropped.stdout > 0),
    stderr: text(stderr, rest.dropped.stderr > 0),
  };
}

function text(bytes: Buffer, cut: boolean): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: cut });
}

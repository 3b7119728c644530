import type { ExecOptions, ExecResult, Sandbox, SandboxLimits } from '../../../core/index.ts';
import type { Host } from './host.ts';

/** One try to get out of a sandbox, or to do harm from inside one. */
export interface Attempt {
  readonly name: string;
  /** What it tries, as a sentence's end: "reads …". */
  readonly tries: string;
  /** The shell line that tries it; what is on the host to be got at is in `host`. */
  readonly line: string | ((host: Host) => string);
  readonly options?: ExecOptions;
  /** Limits of the sandbox it is tried in; with them, or with `alone`, it gets one of its own. */
  readonly limits?: Partial<SandboxLimits>;
  readonly alone?: boolean;
  /** May end the sandbox that it is tried in, which is an error for whoever uses it, and no escape. */
  readonly mayEnd?: boolean;
  /**
   * Does no harm when it succeeds, and does succeed where nothing keeps it in: so that it can be tried outside too, to see that
   * success would be noticed.
   */
  readonly worksOutside?: boolean;
  /** Throws when it got anywhere. That the host's own things are untouched is looked at after every attempt anyway. */
  readonly held?: (result: ExecResult, host: Host, sandbox: Sandbox) => Promise<void> | void;
}

/** A shell line that runs Python; no line of the program may hold the word that ends it. */
export function python(program: string): string {
  return `python3 - <<'END_OF_PROGRAM' 2>&1\n${program.trim()}\nEND_OF_PROGRAM`;
}

/** Python that calls the kernel itself: `call(name, …)` prints `name: 0` on success, or the error. */
export const KERNEL_CALLS = `
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def call(name, number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    print(name + ':', errno.errorcode.get(ctypes.get_errno(), result) if result < 0 else result, flush=True)
    return result
`;

import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The most memory that this process has held, in MB (10⁶ bytes). */
export function peakMemory(): number {
  // maxRSS survives exec, so that a child reports its parent's size; VmHWM begins anew.
  const status = readStatus();
  const peak = status && /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  return (peak ? Number(peak) : process.resourceUsage().maxRSS) * 1.024e-3;
}

function readStatus(): string | null {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return null;
  }
}

/** Bytes of heap that are in use when nothing is left to be thrown away. */
export function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The most memory that this process has held, in MB (10⁶ bytes). */
export function peakMemory(): number {
  // maxRSS survives exec, so that a child reports its parent's size; VmHWM begins anew.
  return peakOf('self') ?? process.resourceUsage().maxRSS * 1.024e-3;
}

function peakOf(pid: string): number | null {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readProc(`${pid}/status`))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1.024e-3;
}

/** The text of a file of /proc; empty where it is not there. */
function readProc(file: string): string {
  try {
    return readFileSync(join('/proc', file), 'utf8');
  } catch {
    return '';
  }
}

const LOOK_MS = 200;
const TICKS_A_SECOND = 100;

/**
 * What the processes that this one starts take, looked at while they are there (Linux): nothing tells it afterwards.
 *
 * @returns memory at the peak in MB (10⁶ bytes), and seconds of processor time, of all of them
 */
export function watchChildren(): () => { readonly peak: number; readonly cpu: number } {
  const known = new Map<string, { peak: number; cpu: number }>();
  const look = () => {
    for (const pid of readProc(`self/task/${process.pid}/children`).split(' ').filter(Boolean)) {
      const [user, system] = readProc(`${pid}/stat`).split(') ').at(-1)!.split(' ').slice(11, 13).map(Number);
      const cpu = ((user ?? 0) + (system ?? 0)) / TICKS_A_SECOND;
      // One that has ended and is still listed has no memory any more.
      known.set(pid, { peak: peakOf(pid) ?? known.get(pid)?.peak ?? 0, cpu });
    }
  };
  setInterval(look, LOOK_MS).unref();
  const sum = (member: 'peak' | 'cpu') =>
    [...known.values()].reduce((total, each) => total + each[member], 0);
  return () => ({ peak: sum('peak'), cpu: sum('cpu') });
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

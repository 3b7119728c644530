import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';

/** A line of a bench's table. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  /** What the project sets itself; absent for what is beside it. */
  readonly aim?: string;
}

export function renderRow({ what, measured, aim = '' }: Row): string {
  return `| ${what} | ${measured} | ${aim} |`;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median with what it was taken from: `2,340 (2,210–2,400, 5 runs)`. */
export function spread(values: readonly number[], show: (value: number) => string): string {
  if (values.length === 1) return show(values[0]!);
  return `${show(median(values))} (${show(Math.min(...values))}–${show(Math.max(...values))}, ${values.length} runs)`;
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `0.42 s` */
export function seconds(value: number): string {
  return `${value.toPrecision(3)} s`;
}

/** What the numbers were taken on; a busy machine is said aloud. */
export function describeMachine(): string {
  const [load = 0] = loadavg();
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const busy = load > 0.5 ? `; BUSY: load ${load.toFixed(1)} before the bench began` : '';
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${cpus().length} × ${model}, ${memory}, ${platform()} ${release()} ${arch()}, Node ${process.version}${busy}`;
}

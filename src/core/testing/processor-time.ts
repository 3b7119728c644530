/**
 * Processor time of this process that some work takes, in milliseconds. Unlike wall time, it does not count what else the machine
 * does meanwhile.
 */
export function processorMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

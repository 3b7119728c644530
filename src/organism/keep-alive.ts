/** Keeps the process alive until the work is done. The worker threads that do it do not keep it alive. */
export async function keepAliveDuring<T>(work: () => Promise<T>): Promise<T> {
  const hold = setInterval(() => {}, 60_000);
  try {
    return await work();
  } finally {
    clearInterval(hold);
  }
}

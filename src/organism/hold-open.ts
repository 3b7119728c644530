/** Keeps the process alive until the work is done: the workers that do it do not. */
export async function holdOpen<T>(work: () => Promise<T>): Promise<T> {
  const hold = setInterval(() => {}, 60_000);
  try {
    return await work();
  } finally {
    clearInterval(hold);
  }
}

/** Tries again until it holds; throws what last went wrong when the time is over. */
export async function eventually<T>(check: () => Promise<T> | T, withinMs = 8000, everyMs = 25): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}

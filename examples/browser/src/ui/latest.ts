/**
 * `work` for the newest argument only: calls that come while it runs wait, and
 * each takes the place of the one before.
 */
export function latest<T>(work: (argument: T) => Promise<void>): (argument: T) => Promise<void> {
  let waiting: {argument: T} | null = null;
  let running: Promise<void> | null = null;
  const run = async () => {
    while (waiting) {
      const {argument} = waiting;
      waiting = null;
      await work(argument);
    }
  };
  return (argument) => {
    waiting = {argument};
    running ??= run().finally(() => (running = null));
    return running;
  };
}

const last = new Map<string, Promise<unknown>>();

/**
 * Runs `task` once all earlier tasks of the same `key` are over. A training
 * callback that doesn't await its saves would otherwise start two at a time.
 */
export function inTurn<T>(key: string, task: () => Promise<T>): Promise<T> {
  const turn = (last.get(key) ?? Promise.resolve()).then(task, task);
  const forget = () => {
    if (last.get(key) === turn) {
      last.delete(key);
    }
  };
  last.set(key, turn);
  turn.then(forget, forget);
  return turn;
}

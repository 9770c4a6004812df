import type {Logs} from './optimizer_callback';

/** How much of what is pruned. */
export interface Share {
  readonly pruned: number;
  readonly size: number;
}

/** What several callbacks of one `fit` have written into the same logs, by key. */
const written = new WeakMap<object, Map<string, Share>>();

/**
 * Writes the pruned share into `logs[key]`. Callbacks that write the same key into
 * the same logs write the share of what they prune together, in whatever order.
 */
export function logShare(logs: NonNullable<Logs>, key: string, {pruned, size}: Share): void {
  const shares = written.get(logs) ?? new Map<string, Share>();
  written.set(logs, shares);
  const former = shares.get(key) ?? {pruned: 0, size: 0};
  const sum = {pruned: former.pruned + pruned, size: former.size + size};
  shares.set(key, sum);
  logs[key] = sum.size === 0 ? 0 : sum.pruned / sum.size;
}

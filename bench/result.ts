/** A figure held against a limit. */
export interface Bar {
  value: number;
  limit: number;
  is: 'at most' | 'at least';
  holds: boolean;
}

/** `value` must be at most `limit`. */
export function atMost(value: number, limit: number): Bar {
  const holds = exact(value) <= exact(limit);
  return {value: rounded(value), limit: rounded(limit), is: 'at most', holds};
}

/** `value` must be at least `limit`. */
export function atLeast(value: number, limit: number): Bar {
  const holds = exact(value) >= exact(limit);
  return {value: rounded(value), limit: rounded(limit), is: 'at least', holds};
}

/**
 * Prints the one line of JSON that every benchmark ends with. `versions` are
 * those of peers that ran in it.
 */
export function printResult(
  name: string,
  backend: string,
  figures: Record<string, number>,
  bars: Record<string, Bar>,
  versions: Record<string, string> = {},
): void {
  const all = Object.entries(figures).map(([key, value]) => [key, rounded(value)]);
  console.log(JSON.stringify({name, backend, figures: Object.fromEntries(all), bars, versions}));
}

/** The middle of `values`. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** The first and the third quartile of `values`. */
export function middleHalf(values: readonly number[]): [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  return [sorted[sorted.length >> 2], sorted[(3 * sorted.length) >> 2]];
}

/** Without what float32 makes of a share: 192 of 10,000 images are 1.92 %, not a bit more. */
function exact(value: number): number {
  return Number(value.toFixed(5));
}

function rounded(value: number): number {
  return Number(exact(value).toPrecision(4));
}

/** Of one figure over seeds. */
export interface Spread {
  mean: number;
  least: number;
  most: number;
}

export function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {mean, least: Math.min(...values), most: Math.max(...values)};
}

/** `value` must be at least the mean of a peer, less what its runs differ by. */
export function atLeastPeer(value: number, {mean, least, most}: Spread): Bar {
  return atLeast(value, mean - (most - least));
}

/** The figures of a spread: its mean by `key`, and its ends by what follows that. */
export function spreadFigures(key: string, {mean, least, most}: Spread): Record<string, number> {
  return {[key]: mean, [`${key}, least`]: least, [`${key}, most`]: most};
}

/** `mean (least to most)`. */
export function shown({mean, least, most}: Spread): string {
  return `${mean.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

/** A figure held against a limit. */
export interface Bar {
  value: number;
  limit: number;
  is: 'at most' | 'at least';
  holds: boolean;
}

/** `value` must be at most `limit`, both as they are shown. */
export function atMost(value: number, limit: number): Bar {
  const [own, most] = [rounded(value), rounded(limit)];
  return {value: own, limit: most, is: 'at most', holds: own <= most};
}

/** `value` must be at least `limit`, both as they are shown. */
export function atLeast(value: number, limit: number): Bar {
  const [own, least] = [rounded(value), rounded(limit)];
  return {value: own, limit: least, is: 'at least', holds: own >= least};
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

function rounded(value: number): number {
  // Below the fifth decimal is only what float32 makes of a share.
  return Number(Number(value.toFixed(5)).toPrecision(4));
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

/** `mean (least to most)`. */
export function shown({mean, least, most}: Spread): string {
  return `${mean.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

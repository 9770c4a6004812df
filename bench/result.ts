/** A figure held against a limit. */
export interface Bar {
  value: number;
  limit: number;
  holds: boolean;
}

/** `value` must be at most `limit`. */
export function atMost(value: number, limit: number): Bar {
  return {value: rounded(value), limit, holds: value <= limit};
}

/** `value` must be at least `limit`. */
export function atLeast(value: number, limit: number): Bar {
  return {value: rounded(value), limit, holds: value >= limit};
}

/** Prints the one line of JSON that every benchmark ends with. */
export function printResult(
  name: string,
  backend: string,
  figures: Record<string, number>,
  bars: Record<string, Bar>,
): void {
  const all = Object.entries(figures).map(([key, value]) => [key, rounded(value)]);
  console.log(JSON.stringify({name, backend, figures: Object.fromEntries(all), bars}));
}

/** The middle of `values`. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

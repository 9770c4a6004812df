/** Colors that are read on white and on black. */
export const COLORS = [
  '#4477aa',
  '#ee6677',
  '#228833',
  '#bb8800',
  '#3399bb',
  '#aa3377',
  '#888888',
] as const;
export const GRAY = '#888888';

/** A piece of text. */
export function text(x: number, y: number, content: string, anchor: string): string {
  return `<text x="${r(x)}" y="${r(y)}" text-anchor="${anchor}">${escape(content)}</text>`;
}

/** The least and the largest, apart even where all are equal. */
export function extent(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low || Math.abs(high) || 1) * 0.05;
  return [low - margin, high + margin];
}

/** Round numbers from `low` to `high`, four to nine of them. */
export function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({length: count}, (_, i) => (first + i) * step);
}

/** `content` as XML and HTML have it. */
export function escape(content: string): string {
  const entities: Record<string, string> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};
  return content.replace(/[&<>"]/g, (character) => entities[character]);
}

/** Four digits, without zeros behind them. */
export function r(value: number): number {
  return Number(value.toPrecision(4));
}

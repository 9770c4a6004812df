import Table from 'cli-table3';

/** Options of every command. */
export interface PrintOptions {
  /** JSON for programs in place of tables. */
  json?: boolean;
}

type Cell = string | number;

/** Prints `rows` under `head`, numbers to the right. */
export function printTable(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const colAligns = head.map((_, i) => (typeof rows[0]?.[i] === 'number' ? 'right' : 'left'));
  const table = new Table({
    head: [...head],
    style: {head: [], border: [], compact: true},
    colAligns,
  });
  rows.forEach((row) => table.push([...row]));
  console.log(table.toString());
}

export function printJSON(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** Decimal units, as downloads are told. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const power = count < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

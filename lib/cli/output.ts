/** Options of every command. */
export interface PrintOptions {
  /** JSON for programs in place of tables. */
  json?: boolean;
}

type Cell = string | number;

/** Prints `rows` under `head`, numbers to the right. */
export function printTable(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => String(row[i]).length)),
  );
  const rule = (left: string, middle: string, right: string) =>
    left + widths.map((width) => '─'.repeat(width + 2)).join(middle) + right;
  const line = (row: readonly Cell[]) => {
    const cells = row.map((cell, i) => {
      const pad = typeof rows[0]?.[i] === 'number' ? 'padStart' : 'padEnd';
      return ` ${String(cell)[pad](widths[i])} `;
    });
    return `│${cells.join('│')}│`;
  };
  const ends = [rule('┌', '┬', '┐'), rule('├', '┼', '┤'), rule('└', '┴', '┘')];
  console.log([ends[0], line(head), ends[1], ...rows.map(line), ends[2]].join('\n'));
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

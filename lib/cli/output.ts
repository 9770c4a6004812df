/** Options of every command. */
export interface PrintOptions {
  /** JSON for programs in place of tables. */
  json?: boolean;
}

type Cell = string | number;

/** More characters than anyone reads in a line. */
const LONGEST_LINE = 1000;

/**
 * `text` as one line that a terminal shows as it is: names and messages come from files, and
 * may have line ends or the codes by which a terminal is controlled.
 */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}

/** What an error says, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** Prints `rows` under `head`, numbers to the right. */
export function printTable(head: readonly string[], cells: readonly (readonly Cell[])[]): void {
  const rows = cells.map((row) => row.map((cell) => (isText(cell) ? oneLine(cell) : cell)));
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

function isText(cell: Cell): cell is string {
  return typeof cell === 'string';
}

export function printJSON(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** Shares as percentages, all else as it is. */
export function figure(name: string, value: number): string {
  return /acc|accuracy|sparsity$/i.test(name) ? percent(value) : value.toFixed(4);
}

/** Decimal units, as downloads are told. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const power = count < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

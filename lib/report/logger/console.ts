import {check} from '../../base/check';
import type {SparsityEntry, SparsitySink} from './entry';

/** A function that takes a line of text. */
export type PrintLine = (line: string) => void;

/**
 * Prints an entry as a table on a terminal, and as one line elsewhere: in a log
 * file, in a browser, or through a function of the user's.
 */
export function consoleSink(print: true | PrintLine): SparsitySink {
  check(
    print === true || typeof print === 'function',
    'console',
    'true, false or a function that takes a line',
    print,
  );
  return {
    write(entry) {
      if (print !== true) {
        print(formatLine(entry));
      } else {
        console.log(isTerminal() ? formatTable(entry) : formatLine(entry));
      }
    },
  };
}

/**
 * An entry as one line.
 *
 * @example
 * formatLine(entry);
 * //=> 'epoch 1, step 4: sparsity 0.5000, dense/kernel 0.5000 (threshold 0.2513)'
 */
export function formatLine({epoch, step, sparsity, weights}: SparsityEntry): string {
  const parts = weights.map(
    ({name, sparsity, threshold}) =>
      `${name} ${fraction(sparsity)}` +
      (threshold === null ? '' : ` (threshold ${magnitude(threshold)})`),
  );
  return [`epoch ${epoch}, step ${step}: sparsity ${fraction(sparsity)}`, ...parts].join(', ');
}

/**
 * An entry as a table of one row a weight, and one for all.
 *
 * @example
 * formatTable(entry);
 * //=> epoch 1, step 4  size  zeros  sparsity  threshold
 * //   dense/kernel       24     12    0.5000     0.2513
 * //   all                24     12    0.5000
 */
export function formatTable({epoch, step, sparsity, weights}: SparsityEntry): string {
  const total = (key: 'size' | 'zeros') => weights.reduce((all, weight) => all + weight[key], 0);
  return align([
    [`epoch ${epoch}, step ${step}`, 'size', 'zeros', 'sparsity', 'threshold'],
    ...weights.map(({name, size, zeros, sparsity, threshold}) => [
      name,
      `${size}`,
      `${zeros}`,
      fraction(sparsity),
      threshold === null ? '' : magnitude(threshold),
    ]),
    ['all', `${total('size')}`, `${total('zeros')}`, fraction(sparsity), ''],
  ]);
}

/** The first column to the left, the others to the right. */
function align(rows: string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const cell = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column]) : text.padStart(widths[column]);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

function isTerminal(): boolean {
  return globalThis.process?.stdout?.isTTY === true;
}

function fraction(sparsity: number): string {
  return sparsity.toFixed(4);
}

function magnitude(threshold: number): string {
  return threshold.toPrecision(4);
}

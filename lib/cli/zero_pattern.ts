/** What the zeros of a weight have in common. */
export interface ZeroPattern {
  /** Outputs, along the last axis, of which all weights are zero. */
  emptyOutputs: number;
  /** Inputs, along the last axis but one, of which all weights are zero. */
  emptyInputs: number;
  /** As `'2:4'`: of each 4 weights in a row along the inputs at most 2 are not zero. */
  nm?: string;
  /** As `'4x1'`: the zeros come in whole blocks of 4 inputs by 1 output. */
  block?: string;
}

/** The strictest first. */
const NM = [
  [1, 4],
  [2, 8],
  [1, 2],
  [2, 4],
  [4, 8],
] as const;
const BLOCKS = [
  [16, 16],
  [8, 8],
  [4, 4],
  [16, 1],
  [1, 16],
  [8, 1],
  [1, 8],
  [2, 2],
  [4, 1],
  [1, 4],
  [2, 1],
  [1, 2],
] as const;

/**
 * Looks for patterns in the zeros of a weight of two axes or more: a kernel
 * `[…, inputs, outputs]`, seen as a matrix with the outputs as columns.
 */
export function zeroPattern(values: ArrayLike<number>, shape: readonly number[]): ZeroPattern {
  const columns = shape[shape.length - 1];
  const inputs = shape[shape.length - 2];
  const rows = values.length / columns;
  const isZero = (row: number, column: number) => values[row * columns + column] === 0;
  const {used, usedInputs, zeros} = count(values, inputs, columns);
  const emptyOutputs = columns - used;
  const emptyInputs = inputs - usedInputs;
  const pattern: ZeroPattern = {emptyOutputs, emptyInputs};
  if (zeros === 0 || zeros === values.length) {
    return pattern;
  }
  const nm = NM.find(([n, m]) => inputs >= m && holdsNM(isZero, rows, inputs, columns, n, m));
  const block = BLOCKS.find(
    ([high, wide]) =>
      high <= rows && wide <= columns && holdsBlock(isZero, rows, columns, high, wide),
  );
  // Whole empty outputs and inputs are blocks as well, and say more.
  const isWhole = emptyOutputs > 0 || emptyInputs > 0;
  return {
    ...pattern,
    ...(nm ? {nm: nm.join(':')} : {}),
    ...(block && !isWhole ? {block: block.join('x')} : {}),
  };
}

type IsZero = (row: number, column: number) => boolean;

function count(values: ArrayLike<number>, inputs: number, columns: number) {
  const outputs = new Uint8Array(columns);
  const given = new Uint8Array(inputs);
  let zeros = 0;
  for (let i = 0; i < values.length; ++i) {
    if (values[i] === 0) {
      ++zeros;
    } else {
      outputs[i % columns] = 1;
      given[Math.floor(i / columns) % inputs] = 1;
    }
  }
  const total = (flags: Uint8Array) => flags.reduce((all, flag) => all + flag, 0);
  return {used: total(outputs), usedInputs: total(given), zeros};
}

/** Groups start anew at each position of a convolution; the last of each may be shorter, and has at most n too. */
function holdsNM(
  isZero: IsZero,
  rows: number,
  inputs: number,
  columns: number,
  n: number,
  m: number,
): boolean {
  for (let column = 0; column < columns; ++column) {
    for (let start = 0; start < rows; start += inputs) {
      for (let first = 0; first < inputs; first += m) {
        let kept = 0;
        for (let i = 0; i < Math.min(m, inputs - first); ++i) {
          kept += isZero(start + first + i, column) ? 0 : 1;
        }
        if (kept > n) {
          return false;
        }
      }
    }
  }
  return true;
}

function holdsBlock(
  isZero: IsZero,
  rows: number,
  columns: number,
  high: number,
  wide: number,
): boolean {
  for (let top = 0; top < rows; top += high) {
    for (let left = 0; left < columns; left += wide) {
      const first = isZero(top, left);
      for (let row = top; row < Math.min(top + high, rows); ++row) {
        for (let column = left; column < Math.min(left + wide, columns); ++column) {
          if (isZero(row, column) !== first) {
            return false;
          }
        }
      }
    }
  }
  return true;
}

import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import type {Tensor} from '@tensorflow/tfjs-core';

/** Calls `use` with a file that has these weights, as float32 one after the other, for so long. */
export async function withWeightsFile<T>(
  weights: readonly Tensor[],
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
  try {
    const path = join(folder, 'weights.bin');
    const values = await Promise.all(weights.map((weight) => weight.data()));
    writeFileSync(path, Buffer.concat(values.map((each) => Buffer.from(each.slice().buffer))));
    return await use(path);
  } finally {
    rmSync(folder, {recursive: true});
  }
}

/** Whether a peer finds the model that it was given as accurate, in %, as it is here. */
export function checkSame(theirs: number, ours: number): void {
  if (Math.abs(theirs - ours) > 0.05) {
    throw new Error(`The peer gives the dense model ${theirs} % in place of ${ours}.`);
  }
}

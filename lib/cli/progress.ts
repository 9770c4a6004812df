import type {io} from '@tensorflow/tfjs-core';
import {SingleBar} from 'cli-progress';

import type {StoredWeight} from '../files/quantize/stored_weight';
import type {StoredWeights} from '../files/quantize/stored_weights';

/** From so many numbers on it takes a while. */
const LEAST_SIZE = 2 ** 22;

let isShown = false;

/** Whether bars are shown, from now on; on anything but a terminal they never are. */
export function showProgress(show: boolean): void {
  isShown = show;
}

/**
 * `weights`, with a bar that says how many have been taken.
 *
 * @param task What is done with them, to be read before the bar.
 * @param stream Where the bar is shown.
 */
export async function* withProgress(
  task: string,
  specs: readonly io.WeightsManifestEntry[] = [],
  weights: StoredWeights,
  stream: NodeJS.WriteStream = process.stderr,
): AsyncGenerator<StoredWeight> {
  const total = specs.reduce((sum, spec) => sum + sizeOf(spec), 0);
  if (!isShown || !stream.isTTY || total < LEAST_SIZE) {
    yield* weights;
    return;
  }
  const format = `${task} [{bar}] {percentage} %`;
  const bar = new SingleBar({stream, format, barsize: 30, hideCursor: true, clearOnComplete: true});
  bar.start(total, 0);
  try {
    for await (const weight of weights) {
      yield weight;
      bar.increment(sizeOf(weight.spec));
      // What is done with a weight leaves no time for the bar's own timer.
      bar.render();
    }
  } finally {
    bar.stop();
  }
}

function sizeOf({shape}: io.WeightsManifestEntry): number {
  return shape.reduce((size, length) => size * length, 1);
}

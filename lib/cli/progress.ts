import type {io} from '@tensorflow/tfjs-core';

import type {StoredWeight, StoredWeights} from '../io/stored_weights';

/** From so many numbers on it takes a while. */
const LEAST_SIZE = 2 ** 22;

const BAR_LENGTH = 30;
const LINE_START = '\r';
const CLEAR_LINE = '\x1b[K';

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
  let taken = 0;
  const draw = () => {
    const share = taken / total;
    const bar = '='.repeat(Math.floor(share * BAR_LENGTH)).padEnd(BAR_LENGTH, '-');
    stream.write(`${LINE_START}${task} [${bar}] ${Math.floor(100 * share)} %`);
  };
  draw();
  try {
    for await (const weight of weights) {
      yield weight;
      taken += sizeOf(weight.spec);
      draw();
    }
  } finally {
    stream.write(LINE_START + CLEAR_LINE);
  }
}

function sizeOf({shape}: io.WeightsManifestEntry): number {
  return shape.reduce((size, length) => size * length, 1);
}

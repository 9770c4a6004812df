import type {LayersModel} from '@tensorflow/tfjs-layers';
import {autoPrune} from 'tfjs-prune';

import {batches, type Digits} from './data';
import type {Options} from './options';

/** Prunes as far as a drop of 0.2 points allows; the last sixth of the images judges. */
export async function pruneAutomatically(
  {batchSize, fineTuneEpochs, seed}: Options,
  {pixels, labels, count}: Digits,
  model: LayersModel,
): Promise<void> {
  const end = Math.ceil((5 / 6) * count);
  const part = (from: number, to: number): Digits => ({
    pixels: pixels.subarray(784 * from, 784 * to),
    labels: labels.subarray(from, to),
    count: to - from,
  });
  const {report} = await autoPrune(model, {
    train: {dataset: () => batches(part(0, end), batchSize, seed), epochs: fineTuneEpochs},
    validation: batches(part(end, count), 1000),
    maxDrop: 0.002,
    seed,
    onProgress: ({candidate, epoch, epochsDone, epochs, secondsLeft}) => {
      if (candidate?.epochs === epoch) {
        console.log(`Auto epoch ${epochsDone}/${epochs}, ${secondsLeft?.toFixed(0)} s left`);
      }
    },
  });
  const {sparsity, allocation, scoring, epochs} = report.chosen;
  console.log(`Chosen: ${JSON.stringify({sparsity, allocation, scoring, epochs})}`);
}

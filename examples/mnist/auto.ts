import type {LayersModel} from '@tensorflow/tfjs-layers';
import {autoPrune} from 'tfjs-prune';

import {batches, type Digits, loadDigits} from './data';
import type {Options} from './options';

/** The last training images judge; at most the others train. */
const JUDGES = 10000;

/** Prunes as far as a drop of 0.2 points allows. */
export async function pruneAutomatically(
  {batchSize, fineTuneEpochs, seed}: Options,
  train: Digits,
  model: LayersModel,
): Promise<void> {
  const {pixels, labels, count} = loadDigits('train', 60000);
  const first = count - JUDGES;
  const judges = {
    pixels: pixels.subarray(784 * first),
    labels: labels.subarray(first),
    count: JUDGES,
  };
  const others = {...train, count: Math.min(train.count, first)};
  const {report} = await autoPrune(model, {
    train: {dataset: () => batches(others, batchSize, seed), epochs: fineTuneEpochs},
    validation: batches(judges, 1000),
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

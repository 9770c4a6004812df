import type {CustomCallbackArgs, Logs} from '@tensorflow/tfjs-layers';
import {SingleBar} from 'cli-progress';

/**
 * Hooks that show a bar over all batches of a `fit`, with the sparsity so far;
 * where the output is no terminal, a line an epoch.
 */
export function progress(
  title: string,
  epochs: number,
  batchesPerEpoch: number,
  sparsity: () => number,
): Partial<CustomCallbackArgs> {
  const percent = (share: number) => (Number.isNaN(share) ? '-' : `${(100 * share).toFixed(2)} %`);
  const bar = new SingleBar({
    format: `${title} [{bar}] {percentage}% | {eta_formatted} left | sparsity {sparsity}`,
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
  });
  const line = (epoch: number, logs: Logs) =>
    `${title} epoch ${epoch + 1}/${epochs}: loss ${logs.loss.toFixed(4)}, ` +
    `accuracy ${percent(logs.acc)}, sparsity ${percent(sparsity())}`;
  const payload = () => ({sparsity: percent(sparsity())});
  if (!process.stdout.isTTY) {
    return {onEpochEnd: (epoch, logs) => console.log(line(epoch, logs as Logs))};
  }
  return {
    onTrainBegin: () => bar.start(epochs * batchesPerEpoch, 0, payload()),
    onEpochBegin: (epoch) => bar.update(epoch * batchesPerEpoch, payload()),
    // The batch's loss stays on the device: reading it would stop the pipeline.
    onYield: (epoch, batch) => bar.update(epoch * batchesPerEpoch + batch, payload()),
    onEpochEnd: (epoch, logs) => {
      bar.stop();
      console.log(line(epoch, logs as Logs));
      if (epoch + 1 < epochs) {
        bar.start(epochs * batchesPerEpoch, (epoch + 1) * batchesPerEpoch, payload());
      }
    },
  };
}

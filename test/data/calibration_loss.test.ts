import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {type Batch, disposeBatches, readBatches} from '../../lib/data/batches';
import {calibrationGradients, calibrationLoss} from '../../lib/data/calibration_loss';
import {readWeight} from '../../lib/model/read_weight';
import {data, mlp, values} from '../setup/models';

let model: LayersModel;
let x: tf.Tensor;
let y: tf.Tensor;

beforeEach(() => {
  model = mlp();
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  ({x, y} = data());
});

afterEach(() => tf.dispose([x, y]));

/** What `run` makes of all samples, in batches of so many. */
async function inBatches<T>(batchSize: number, run: (batches: Batch[]) => T): Promise<T> {
  const batches = await readBatches(model, {x, y, batchSize}, true);
  const result = run(batches);
  disposeBatches(batches);
  return result;
}

const gradients = (batches: Batch[]) =>
  calibrationGradients(model, batches, model.weights.map(readWeight)).flatMap((each) => [
    ...values(each),
  ]);

// 40 samples: the last batch has 4, 1 and 16.
describe.each([9, 39, 24])('in batches of %s', (batchSize) => {
  it('the loss is that of all samples at once, as evaluate gives it', async () => {
    const loss = await inBatches(batchSize, (batches) => values(calibrationLoss(model, batches)));
    expect(loss[0]).toBeCloseTo(values(model.evaluate(x, y) as tf.Scalar)[0], 5);
  });

  it('the gradients are those of all samples at once', async () => {
    const [whole, parts] = [await inBatches(40, gradients), await inBatches(batchSize, gradients)];
    const largest = Math.max(...whole.map(Math.abs));
    whole.forEach((each, i) => expect(Math.abs(parts[i] - each)).toBeLessThan(1e-5 * largest));
  });
});

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {Evaluation} from '../../lib/data/evaluation';
import {data, dataset, mlp, values} from '../setup/models';

describe('Evaluation', () => {
  it('gives what evaluate does, of tensors and datasets, and counts the samples', async () => {
    const model = mlp();
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['accuracy']});
    const {x, y} = data();
    const [loss, accuracy] = (model.evaluate(x, y) as tf.Scalar[]).map((each) => values(each)[0]);
    for (const given of [{x, y}, dataset() as never]) {
      const [byLoss, byAccuracy] = (['loss', 'accuracy'] as const).map(
        (metric) => new Evaluation(model, given, metric),
      );
      expect(await byLoss.value()).toBeCloseTo(loss, 5);
      expect(await byAccuracy.value()).toBeCloseTo(accuracy, 6);
      expect(byLoss.samples).toBe(40);
      expect(await byLoss.lossAndAccuracy()).toEqual({
        loss: await byLoss.value(),
        accuracy: await byAccuracy.value(),
      });
      expect([byLoss.drop(1, 3), byAccuracy.drop(0.9, 0.5)]).toEqual([2, 0.4]);
    }
    tf.dispose([x, y]);
  });

  it('finds loss and accuracy of a model with several outputs', async () => {
    const input = tfl.input({shape: [4]});
    const outputs = [2, 3].map(
      (units) => tfl.layers.dense({units, name: `out_${units}`}).apply(input) as tfl.SymbolicTensor,
    );
    const model = tfl.model({inputs: input, outputs});
    model.compile({
      optimizer: 'sgd',
      loss: ['meanSquaredError', 'meanSquaredError'],
      metrics: {out_3: 'accuracy'},
    });
    const x = tf.randomNormal([5, 4]);
    const y = [tf.randomNormal([5, 2]), tf.randomNormal([5, 3])];
    const predicted = model.predict(x) as tf.Tensor[];
    const loss = predicted
      .map((output, i) => values(tf.mean(tf.squaredDifference(output, y[i])))[0])
      .reduce((a, b) => a + b);
    const right = tf.mean(
      tf.cast(tf.equal(tf.argMax(predicted[1], 1), tf.argMax(y[1], 1)), 'float32'),
    );
    expect(await new Evaluation(model, {x, y}, 'loss').value()).toBeCloseTo(loss, 4);
    expect(await new Evaluation(model, {x, y}, 'accuracy').value()).toBeCloseTo(
      values(right)[0],
      6,
    );
  });

  it('takes no data whose loss is not finite to compare with', async () => {
    const model = mlp();
    const {x, y} = data();
    const evaluation = new Evaluation(model, {x, y: tf.mul(y, NaN)}, 'loss', 'validation');
    expect(await evaluation.value()).toBeNaN();
    await expect(evaluation.baseline()).rejects.toThrow(
      'validation: expected data with a finite loss, but got NaN.',
    );
    expect(await new Evaluation(model, {x, y}, 'loss').baseline()).toBeGreaterThan(0);
  });

  it('takes a metric of NaN or infinity for a model that has diverged, but not at first', async () => {
    for (const wrong of [NaN, Infinity, -Infinity]) {
      const evaluation = new Evaluation(mlp(), data(), () => wrong);
      expect(await evaluation.value()).toBeNaN();
      await expect(evaluation.baseline()).rejects.toThrow(
        'metric: expected a function that gives finite numbers, but got NaN.',
      );
    }
    const evaluation = new Evaluation(mlp(), data(), () => '0.5' as never);
    await expect(evaluation.value()).rejects.toThrow("but got '0.5'");
  });

  it('gives the loss alone of a model without accuracy', async () => {
    const model = mlp();
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const evaluation = new Evaluation(model, data(), 'loss');
    expect(await evaluation.lossAndAccuracy()).toEqual({loss: await evaluation.value()});
  });

  it('refuses a dataset that turns out empty', async () => {
    const iterator = async () => [][Symbol.iterator]();
    const evaluation = new Evaluation(mlp(), {size: NaN, iterator} as never, 'loss');
    await expect(evaluation.value()).rejects.toThrow('data: expected at least one batch');
  });
});

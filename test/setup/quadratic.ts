import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {probe, setWeight, values} from './models';

/**
 * A model whose gradients are known: a column of weights w, whose loss is the
 * mean of (w − target)². A step of sgd(size / 4) takes each weight half of the way
 * to its target.
 */
export class Quadratic {
  readonly model: tfl.Sequential;
  private readonly x: tf.Tensor2D;
  private readonly y: tf.Tensor2D;

  constructor(
    readonly start: readonly number[],
    targets: readonly number[],
    optimizer: tf.Optimizer = tf.train.sgd(start.length / 4),
  ) {
    const layer = tfl.layers.dense({
      name: 'dense_0',
      units: 1,
      inputShape: [start.length],
      useBias: false,
    });
    this.model = tfl.sequential({layers: [layer]});
    setWeight(layer, 0, start);
    this.model.compile({optimizer, loss: 'meanSquaredError'});
    this.x = tf.eye(start.length);
    this.y = tf.tensor2d([...targets], [start.length, 1]);
  }

  get variable(): tfl.LayerVariable {
    return this.model.layers[0].weights[0];
  }

  /** The weights after each of so many steps of one `fit`, and before the first. */
  async fit(steps: number, callbacks: tfl.Callback[]): Promise<number[][]> {
    const rows: number[][] = [];
    // −0 is 0.
    const note = async () =>
      void rows.push([...values(this.variable)].map((value) => Number((value + 0).toFixed(5))));
    await this.model.fit(this.x, this.y, {
      batchSize: this.start.length,
      epochs: steps,
      shuffle: false,
      verbose: 0,
      callbacks: [...callbacks, probe({onTrainBegin: note, onBatchEnd: note})],
    });
    return rows;
  }
}

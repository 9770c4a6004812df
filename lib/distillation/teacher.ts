import type {Tensor} from '@tensorflow/tfjs-core';
import {tidy} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {asOneHot, packLabels, soften} from './soft_labels';

/** Inputs of a model: a tensor, or one for each input. */
export type Inputs = Tensor | Tensor[];

/** Makes targets of labels and of what a teacher says. The teacher is only asked. */
export class Teacher {
  /**
   * @param model Its first output are classes; further ones are hints.
   * @param temperature Softens the classes.
   * @param fromLogits Whether the classes are logits rather than probabilities.
   */
  constructor(
    private readonly model: LayersModel,
    private readonly temperature: number,
    private readonly fromLogits: boolean,
  ) {}

  /** The shape of the classes without the batch, a number or `null` an axis. */
  get shape(): Array<number | null> {
    return this.model.outputs[0].shape.slice(1);
  }

  /**
   * The labels, one-hot.
   *
   * @throws PruningError where they are not of the shape of the teacher's classes.
   */
  labels(xs: Inputs, ys: Tensor): Tensor {
    const [samples] = firstOf(xs).shape;
    const {shape} = this;
    const isNumber =
      ys.rank === shape.length || (ys.rank === shape.length + 1 && ys.shape[ys.rank - 1] === 1);
    const inner = isNumber ? ys.shape.slice(1, shape.length) : ys.shape.slice(1);
    const expected = isNumber ? shape.slice(0, -1) : shape;
    check(
      inner.length === expected.length && inner.every((size, i) => size === (expected[i] ?? size)),
      'teacher',
      `a model with outputs of the labels' shape, [${ys.shape.slice(1)}]`,
      `[${shape}]`,
    );
    check(ys.shape[0] === samples, 'y', `${samples} labels, one for each input`, ys.shape[0]);
    return asOneHot(ys, [samples, ...inner.slice(0, shape.length - 1), shape[shape.length - 1]!]);
  }

  /** The targets for one-hot labels: packed, and a hint for each further output. On the device. */
  targets(xs: Inputs, labels: Tensor, batchSize: number): Tensor[] {
    return tidy(() => {
      const [outputs, ...hints] = this.ask(xs, batchSize);
      return [packLabels(labels, soften(outputs, this.temperature, this.fromLogits)), ...hints];
    });
  }

  private ask(xs: Inputs, batchSize: number): Tensor[] {
    try {
      const outputs = this.model.predict(xs, {batchSize});
      return Array.isArray(outputs) ? outputs : [outputs];
    } catch (cause) {
      const shapes = this.model.inputs.map(({shape}) => `[${shape}]`).join(' and ');
      const received = (Array.isArray(xs) ? xs : [xs]).map(({shape}) => `[${shape}]`).join(' and ');
      throw new PruningError('teacher', `a model for the inputs ${received}`, `one for ${shapes}`, {
        cause,
      });
    }
  }
}

/** The first input. */
export function firstOf(xs: Inputs): Tensor {
  return Array.isArray(xs) ? xs[0] : xs;
}

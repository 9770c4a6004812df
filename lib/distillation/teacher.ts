import type {Tensor} from '@tensorflow/tfjs-core';
import {dispose, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import type {TaughtOutput} from './heads/heads';

/** Inputs of a model: one tensor, or one for each input. */
export type Inputs = Tensor | Tensor[];

/** Labels of a model: one tensor, or one for each output, in a list or by name. */
export type Labels = Tensor | Tensor[] | Readonly<Record<string, Tensor>>;

/** Makes targets of labels and of what a teacher says. The teacher is only asked. */
export class Teacher {
  /**
   * @param model Its first outputs are taught; further ones are hints.
   * @param outputs Those that are taught.
   */
  constructor(
    private readonly model: LayersModel,
    readonly outputs: readonly TaughtOutput[],
  ) {}

  /**
   * The labels of each output, as they go into targets: those given, or new tensors.
   *
   * @throws PruningError where they are not of the shape of the teacher's outputs.
   */
  labels(xs: Inputs, ys: Labels): Tensor[] {
    const [samples] = firstOf(xs).shape;
    const given = this.listOf(ys);
    for (const {shape} of given) {
      check(shape[0] === samples, 'y', `${samples} labels, one for each input`, shape[0]);
    }
    const made = this.outputs.map(({head}, i) => head.labels(given[i]));
    const wrong = made.indexOf(undefined);
    if (wrong >= 0) {
      dispose(made.filter((each, i) => each !== given[i]));
      throw new PruningError(
        'teacher',
        `a model with outputs of the labels' shape, [${given[wrong].shape.slice(1)}]`,
        `[${this.model.outputs[wrong].shape.slice(1)}]`,
      );
    }
    return made as Tensor[];
  }

  /** What the teacher says of each output, then its hints. On the device. */
  ask(xs: Inputs, batchSize: number): Tensor[] {
    return tidy(() =>
      this.predict(xs, batchSize).map((each, i) => this.outputs[i]?.head.said(each) ?? each),
    );
  }

  /** The targets, by what `labels` and `ask` have given. On the device. */
  targets(labels: readonly Tensor[], said: readonly Tensor[]): Tensor[] {
    return tidy(() =>
      said.map((each, i) => this.outputs[i]?.head.pack(labels[i], each) ?? each.clone()),
    );
  }

  private listOf(ys: Labels): Tensor[] {
    const names = this.outputs.map(({name}) => name);
    const list = isTensor(ys)
      ? [ys]
      : Array.isArray(ys)
        ? (ys as unknown[])
        : names.map((name) => (Object(ys) as Record<string, unknown>)[name]);
    const several = names.length === 1 ? '' : `, one for each of ${names.join(', ')}`;
    const fits = list.length === names.length && list.every(isTensor);
    check(fits, 'y', `a tensor of labels${several}`, ys);
    return list;
  }

  private predict(xs: Inputs, batchSize: number): Tensor[] {
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

/** Whether `each` is a tensor, of whatever copy of tfjs. */
export function isTensor(each: unknown): each is Tensor {
  return typeof (each as Partial<Tensor> | null | undefined)?.dataId === 'object';
}

/** The first input. */
export function firstOf(xs: Inputs): Tensor {
  return Array.isArray(xs) ? xs[0] : xs;
}

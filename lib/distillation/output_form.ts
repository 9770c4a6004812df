import type {SymbolicTensor} from '@tensorflow/tfjs-layers';

import {axisOf} from '../model/layer_settings';
import {activationName, outputMaker} from '../model/output_maker';
import type {OutputKind} from './heads/head';

/** What an output is, and of a softmax the axis of its classes, counted from the batch. */
export interface OutputForm {
  readonly kind: OutputKind;
  readonly axis: number;
}

/**
 * What an output of a model is, by the activation of the layer that makes it.
 * Behind a layer without one, such as a `Reshape`, or where it is unknown, classes
 * along the last axis if there are several; else `undefined`.
 *
 * @param fromLogits Whether the activation is left to the loss.
 */
export function outputForm(output: SymbolicTensor, fromLogits: boolean): OutputForm | undefined {
  const {shape} = output;
  const last = shape.length - 1;
  const several = (shape[last] ?? 0) >= 2;
  if (fromLogits) {
    return {kind: several ? 'softmax' : 'sigmoid', axis: last};
  }
  const maker = outputMaker(output);
  if (maker.getClassName() === 'Softmax') {
    return {kind: 'softmax', axis: axisOf(maker, shape.length)};
  }
  switch (activationName(maker)) {
    case 'softmax':
      return {kind: 'softmax', axis: last};
    case 'sigmoid':
    case 'hardSigmoid':
      return {kind: 'sigmoid', axis: last};
    case undefined:
      return several ? {kind: 'softmax', axis: last} : undefined;
    default:
      return {kind: 'values', axis: last};
  }
}

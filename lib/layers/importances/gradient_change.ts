import {addN, dispose, scalar, sqrt, square, sub, sum} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {calibrationGradients} from '../../data/calibration_loss';
import {weightsOf} from '../../model/layer_tree';
import {readWeight} from '../../model/read_weight';
import {trainedWeights} from '../../model/trained_model';
import {eachWithout} from './each_without';
import type {LayerMeasure} from './measure';

/**
 * ‖∇L without the unit − ∇L with it‖₂, over the weights that train and are left.
 * One gradient over the data for each unit.
 */
export const gradientChange: LayerMeasure = async (units, {model, batches}) => {
  const gradients = (variables: readonly LayerVariable[]) =>
    calibrationGradients(model, batches, variables.map(readWeight));
  // A layer that is bypassed has none.
  const weights = units.map(({layers}) => new Set(layers.flatMap(weightsOf)));
  const all = [...trainedWeights(model)];
  const before = gradients(all);
  try {
    return await eachWithout(units, (unit) => {
      const left = all.filter((variable) => !weights[unit].has(variable));
      const squares = gradients(left).map((after, i) =>
        sum(square(sub(after, before[all.indexOf(left[i])]))),
      );
      return sqrt(addN([scalar(0), ...squares]));
    });
  } finally {
    dispose(before);
  }
};

import {addN, dispose, scalar, sqrt, square, sub, sum} from '@tensorflow/tfjs-core';

import {calibrationGradients} from '../../data/calibration_loss';
import {readWeight} from '../../model/read_weight';
import {trainedWeights} from '../../model/trained_model';
import {eachRemoved, type RemovalMeasure} from './removal';

/**
 * ‖∇L_j − ∇L‖₂: how much the gradient of the loss, by the weights that train,
 * changes without j. Only the weights that are left count. As GraSP does, it keeps
 * what would disturb the training of the rest (Wang et al. 2020,
 * https://arxiv.org/abs/2002.07376), but the change is measured where GraSP
 * estimates it by a second derivative. One gradient over the data for each: some
 * three times slower than the change of the loss.
 */
export const gradientChange: RemovalMeasure = async (candidates, {model, batches}) => {
  const all = [...trainedWeights(model)];
  const before = calibrationGradients(model, batches, all.map(readWeight));
  try {
    return await eachRemoved(candidates, (candidate) => {
      const left = all.flatMap((variable, i) => {
        const rest = candidate.rest(variable);
        return rest ? [{variable, rest, before: before[i]}] : [];
      });
      const after = candidate.without(() =>
        calibrationGradients(
          model,
          batches,
          left.map(({variable}) => readWeight(variable)),
        ),
      );
      const squares = left.map((each, i) => sum(square(each.rest(sub(after[i], each.before)))));
      return sqrt(addN([scalar(0), ...squares]));
    });
  } finally {
    dispose(before);
  }
};

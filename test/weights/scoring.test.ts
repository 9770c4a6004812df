import {tensor, tidy} from '@tensorflow/tfjs-core';

import {prunableWeights} from '../../lib/model/prunable';
import {keepDense} from '../../lib/projection/dense_mask';
import {maskProjectionOf, setMask} from '../../lib/projection/mask';
import {MAGNITUDE} from '../../lib/weights/scoring';
import {mlp, setWeight, values} from '../setup/models';

describe('MAGNITUDE', () => {
  const numbers = [1, -3, 0.25, 0.5];
  const built = () => {
    const model = mlp({inputs: 2, units: [2]});
    setWeight(model.layers[0], 0, numbers);
    return prunableWeights(model)[0];
  };
  const scores = (weight: ReturnType<typeof built>) =>
    tidy(() => [...values(MAGNITUDE.score(weight, 0))]);

  it('scores a weight by its size', () => {
    expect(scores(built())).toEqual([1, 3, 0.25, 0.5]);
  });

  it('looks behind a mask with a dense copy', () => {
    const weight = built();
    keepDense(weight.variable);
    setMask(weight.variable, tensor([1, 0, 1, 1], [2, 2]));
    expect(maskProjectionOf(weight.variable)).toBeDefined();
    expect(scores(weight)).toEqual([1, 3, 0.25, 0.5]);
  });

  it('needs nothing of training', () => {
    expect(Object.keys(MAGNITUDE)).toEqual(['score']);
  });
});

import * as tf from '@tensorflow/tfjs-core';

import {withWeights} from '../../lib/model/with_weights';
import {data, mlp, state, values} from '../setup/models';

describe('withWeights', () => {
  it('lets a model run with other weights, and writes nothing', () => {
    const [model, other] = [mlp({seed: 1}), mlp({seed: 5})];
    const {x} = data();
    const weights = new Map(model.weights.map((each, i) => [each, other.weights[i].read()]));
    const before = state(model);
    const assign = jest.spyOn(tf.Variable.prototype, 'assign');
    const made = withWeights(weights, () => model.predict(x) as tf.Tensor);
    expect(assign).not.toHaveBeenCalled();
    assign.mockRestore();
    expect(values(made)).toEqual(values(other.predict(x) as tf.Tensor));
    made.dispose();
    expect({...(state(model) as object), tensors: 0}).toEqual({...(before as object), tensors: 0});
  });

  it('puts the variables back when it throws', () => {
    const model = mlp();
    const own = model.weights.map((each) => each.read());
    const weights = new Map(model.weights.map((each) => [each, tf.zeros(each.shape as number[])]));
    const failing = () =>
      withWeights(weights, () => {
        throw new Error('on purpose');
      });
    expect(failing).toThrow('on purpose');
    expect(model.weights.map((each) => each.read())).toEqual(own);
  });
});

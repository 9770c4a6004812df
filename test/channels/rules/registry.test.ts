import {mul, serialization, type Tensor} from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';

import {PruningError} from '../../../lib/index';
import {registerChannelRule} from '../../../lib/rules';
import {around, groupOf, shrunk} from '../../shrink/shrunk';

class Twice extends layers.Layer {
  static readonly className = 'Twice';
  override call(inputs: Tensor | Tensor[]): Tensor {
    return mul(Array.isArray(inputs) ? inputs[0] : inputs, 2);
  }
  override computeOutputShape(shape: number[]): number[] {
    return shape;
  }
}
serialization.registerClass(Twice);

const make = () =>
  around([3], (x) =>
    new Twice({name: 't'}).apply(
      layers.dense({units: 4, activation: 'sigmoid', name: 'p'}).apply(x),
    ),
  );

describe('registerChannelRule', () => {
  it('lets channels through a class that had no rule', async () => {
    expect(groupOf(make(), 'p').frozen).toContain("registerChannelRule('Twice', rule)");
    registerChannelRule('Twice', ({inputs: [x], shapes: [shape]}) =>
      x.follow(shape, ({fixed, value}) => ({fixed, value: mul(value, 2)})),
    );
    const {shapes} = await shrunk(make(), {p: [1]});
    expect(shapes).toMatchObject({'p/kernel': [3, 3], 'out/kernel': [3, 2]});
  });

  it('tells a rule whose outcome does not fit', () => {
    registerChannelRule('Twice', () => []);
    expect(() => groupOf(make(), 'p')).toThrow(
      'the channel rule of class Twice: expected channels for outputs of shape [[null,4]], but got [].',
    );
  });

  it('refuses anything but a name and a function', () => {
    expect(() => registerChannelRule('', () => [])).toThrow(PruningError);
    expect(() => registerChannelRule('Twice', null as never)).toThrow('rule: expected a function');
  });
});

import * as tf from '@tensorflow/tfjs-core';
import {
  type layers,
  layers as makeLayers,
  type LayersModel,
  sequential,
} from '@tensorflow/tfjs-layers';

import {watchInputs} from '../../lib/model/watch_inputs';

describe('watchInputs', () => {
  let layer: layers.Layer;
  let model: LayersModel;
  beforeAll(() => {
    layer = makeLayers.dense({units: 1, inputShape: [2]});
    model = sequential({layers: [layer]});
  });
  const predict = () => void model.predict(tf.ones([3, 2]));

  it('shows what a layer is called with, and not after it', () => {
    const seen: unknown[] = [];
    const see = (by: unknown, inputs: readonly tf.Tensor[]) =>
      seen.push([by, inputs.map(({shape}) => shape)]);
    watchInputs([layer], see, predict);
    predict();
    expect(seen).toEqual([[layer, [[3, 2]]]]);
    expect(Object.hasOwn(layer, 'call')).toBe(false);
  });

  it('puts back what a user has put in, also after an error', () => {
    const own = layer.call.bind(layer);
    layer.call = own;
    const fails = () => {
      throw new Error('no');
    };
    expect(() => watchInputs([layer], () => {}, fails)).toThrow('no');
    expect(layer.call).toBe(own);
    Reflect.deleteProperty(layer, 'call');
  });
});

import * as tf from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';

import {maskChannels} from '../../lib/channels/mask_channels';
import {whileSilent} from '../../lib/channels/silence';
import {weights} from '../setup/models';
import {around, groupOf} from '../shrink/shrunk';

function model() {
  return around([4, 4, 2], (x) => {
    const y = layers.conv2d({filters: 3, kernelSize: 2, name: 'p'}).apply(x);
    return layers.depthwiseConv2d({kernelSize: 2}).apply(layers.batchNormalization({}).apply(y));
  });
}

describe('whileSilent', () => {
  it('has the weights that a mask would leave, and puts them back', () => {
    const one = model();
    const before = weights(one);
    const tensors = tf.memory().numTensors;
    const silent = whileSilent(groupOf(one, 'p'), 1, () => weights(one));
    expect(weights(one)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    maskChannels(groupOf(one, 'p'), [1]);
    const masked = weights(one).map((all) => all.map((each) => each + 0));
    expect(silent.map((all) => all.map((each) => each + 0))).toEqual(masked);
    expect(masked).not.toEqual(before);
  });

  it('puts them back after an error', () => {
    const one = model();
    const before = weights(one);
    const fails = () => {
      throw new Error('no');
    };
    expect(() => whileSilent(groupOf(one, 'p'), 1, fails)).toThrow('no');
    expect(weights(one)).toEqual(before);
  });
});

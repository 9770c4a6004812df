import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {type ChannelScope, pruneChannelsNow, sparsityReport} from '../../../lib';
import {kindOfGroup} from '../../../lib/channels/groups/kind';
import {around, groupOf} from '../../shrink/shrunk';

type T = tfl.SymbolicTensor;

/** Two residual blocks, whose inner filters have the norms 1 to 4 and 10 to 40, and those around 100. */
function residual(): tfl.LayersModel {
  const conv = (name: string) =>
    tfl.layers.conv2d({filters: 4, kernelSize: 1, name, useBias: false});
  const model = around([2, 2, 4], (input) => {
    let x = conv('stem').apply(input) as T;
    for (const i of [1, 2]) {
      const inner = conv(`inner_${i}`).apply(x) as T;
      x = tfl.layers.add().apply([x, conv(`outer_${i}`).apply(inner) as T]) as T;
    }
    return x;
  });
  for (const {name, weights} of model.layers.filter((each) => each.getClassName() === 'Conv2D')) {
    const scale = {inner_1: 1, inner_2: 10}[name];
    // Filters along one input each.
    const norms = [1, 2, 3, 4].map((norm) => (scale ? norm * scale : 100));
    weights[0].write(tf.reshape(tf.diag(tf.tensor1d(norms)), [1, 1, 4, 4]));
  }
  return model;
}

describe('kindOfGroup', () => {
  it('is equal for blocks that are alike, and another for what is around them', () => {
    const model = residual();
    const [first, second, around_] = ['inner_1', 'inner_2', 'stem'].map((name) =>
      kindOfGroup(groupOf(model, name)),
    );
    expect(first).toBe('consumer Conv2D kernel 2, producer Conv2D kernel 3');
    expect(second).toBe(first);
    expect(around_).not.toBe(first);
    model.dispose();
  });
});

describe('scope', () => {
  it.each<[ChannelScope, Record<string, number[]>]>([
    ['layer', {stem: [0, 1], inner_1: [0, 1], inner_2: [0, 1]}],
    // All of the first but the last that must stay, and of the second three.
    ['global', {inner_1: [0, 1, 2], inner_2: [0, 1, 2]}],
    // Four of the eight inner ones, and two of the four around.
    ['isomorphic', {stem: [0, 1], inner_1: [0, 1, 2], inner_2: [0]}],
  ])('%s', async (scope, expected) => {
    const model = residual();
    const ranked = scope === 'layer' ? {} : ({normalize: 'none'} as const);
    await pruneChannelsNow(model, {channels: 0.5, scope, ...ranked});
    const {channels} = await sparsityReport(model);
    const zero = channels.filter((each) => each.zero.length > 0);
    expect(Object.fromEntries(zero.map((each) => [each.name, each.zero]))).toEqual(expected);
    model.dispose();
  });

  it('isomorphic leaves layers with a sparsity of their own apart', async () => {
    const model = residual();
    const layers = {inner_1: 0.25};
    await pruneChannelsNow(model, {channels: 0.5, scope: 'isomorphic', normalize: 'none', layers});
    const {channels} = await sparsityReport(model);
    const zero = Object.fromEntries(channels.map((each) => [each.name, each.zero]));
    expect([zero.inner_1, zero.inner_2, zero.stem]).toEqual([[0], [0, 1], [0, 1]]);
    model.dispose();
  });
});

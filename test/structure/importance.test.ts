import {sum, tensor1d} from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';

import type {ChannelGroup} from '../../lib/structure/channel_groups';
import {channelImportance, type ImportanceArgs} from '../../lib/structure/importance';
import {setWeight, values} from '../setup/models';
import {around, groupOf} from './shrunk';

const scores = (group: ChannelGroup, args: Partial<ImportanceArgs>) => {
  const result = channelImportance(group, {importance: 'l2', reduce: 'mean', seed: 1, ...args});
  const numbers = [...values(result)].map((each) => Number(each.toFixed(5)));
  result.dispose();
  return numbers;
};

/** Two units of weights (3, 4) and (−1, 0). */
function dense() {
  const model = around([2], (x) => layers.dense({units: 2, name: 'p'}).apply(x));
  setWeight(model.getLayer('p'), 0, [3, -1, 4, 0]);
  return groupOf(model, 'p');
}

/** Two layers whose units are added: (3, 4), (−1, 0) and (0, 1), (2, 0). */
function coupled() {
  const model = around([2], (x) =>
    layers.add().apply(['p', 'q'].map((name) => layers.dense({units: 2, name}).apply(x)) as never),
  );
  setWeight(model.getLayer('p'), 0, [3, -1, 4, 0]);
  setWeight(model.getLayer('q'), 0, [0, 2, 1, 0]);
  return groupOf(model, 'p');
}

describe('channelImportance', () => {
  it('is the norm of each slice', () => {
    expect(scores(dense(), {importance: 'l2'})).toEqual([5, 1]);
    expect(scores(dense(), {importance: 'l1'})).toEqual([7, 1]);
  });

  it('is the mean or the sum over coupled layers', () => {
    expect(scores(coupled(), {reduce: 'mean'})).toEqual([3, 1.5]);
    expect(scores(coupled(), {reduce: 'sum'})).toEqual([6, 3]);
  });

  it('is of all gates of a recurrent unit, in both kernels', () => {
    const model = around([3, 1], (x) =>
      layers.gru({units: 2, name: 'p', recurrentInitializer: 'glorotUniform'}).apply(x),
    );
    setWeight(model.getLayer('p'), 0, [1, -2, 1, 2, 1, 0]);
    setWeight(model.getLayer('p'), 1, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -3]);
    expect(scores(groupOf(model, 'p'), {importance: 'l1', reduce: 'sum'})).toEqual([4, 7]);
    const l2 = [Math.sqrt(3) + 1, Math.sqrt(8) + 3].map((each) => Number(each.toFixed(5)));
    expect(scores(groupOf(model, 'p'), {importance: 'l2', reduce: 'sum'})).toEqual(l2);
  });

  it('is of the filters of a transposed convolution, which are not on its last axis', () => {
    const model = around([2, 2, 1], (x) =>
      layers.conv2dTranspose({filters: 2, kernelSize: [1, 2], name: 'p'}).apply(x),
    );
    // [1, 2, filters, 1]
    setWeight(model.getLayer('p'), 0, [3, 1, -4, 1]);
    expect(scores(groupOf(model, 'p'), {importance: 'l1'})).toEqual([7, 2]);
    const importance: ImportanceArgs['importance'] = (kernel, {name, layer}) => {
      expect([kernel.shape, name, layer.name]).toEqual([[1, 2, 1, 2], 'p/kernel', 'p']);
      return sum(kernel, [0, 1, 2]);
    };
    expect(scores(groupOf(model, 'p'), {importance})).toEqual([-1, 2]);
  });

  it('is the size of gamma', () => {
    const model = around([2], (x) =>
      layers.batchNormalization({name: 'n'}).apply(layers.dense({units: 2, name: 'p'}).apply(x)),
    );
    setWeight(model.getLayer('n'), 0, [-0.5, 0.25]);
    expect(scores(groupOf(model, 'p'), {importance: 'gamma'})).toEqual([0.5, 0.25]);
  });

  it('is the same chance for the same seed', () => {
    const random = (seed: number) => scores(dense(), {importance: 'random', seed});
    expect(random(3)).toEqual(random(3));
    expect(random(3)).not.toEqual(random(4));
  });

  it('refuses a function that returns another shape', () => {
    expect(() => scores(dense(), {importance: () => tensor1d([1, 2, 3])})).toThrow(
      "importance: expected a function that returns scores of shape [2] for 'p/kernel', but got [3].",
    );
  });
});

import {layers} from '@tensorflow/tfjs-layers';

import type {Reduce} from '../../../lib/channels/by_channel';
import {setWeight} from '../../setup/models';
import {around} from '../../shrink/shrunk';
import {scoresOf, twoUnits} from './scores';

/** Two units of weights (3, 4) and (−1, 0). */
const dense = () => twoUnits([3, -1, 4, 0], [1, 1]);

/** Two layers whose units are added: (3, 4), (−1, 0) and (0, 1), (2, 0). */
function coupled() {
  const model = around([2], (x) =>
    layers.add().apply(['p', 'q'].map((name) => layers.dense({units: 2, name}).apply(x)) as never),
  );
  setWeight(model.getLayer('p'), 0, [3, -1, 4, 0]);
  setWeight(model.getLayer('q'), 0, [0, 2, 1, 0]);
  return model;
}

describe('l1 and l2', () => {
  it('are the norm of each slice', async () => {
    expect(await scoresOf(dense(), 'p', {})).toEqual([5, 1]);
    expect(await scoresOf(dense(), 'p', {importance: 'l2'})).toEqual([5, 1]);
    expect(await scoresOf(dense(), 'p', {importance: 'l1'})).toEqual([7, 1]);
  });

  it('are the mean or the sum over coupled layers', async () => {
    expect(await scoresOf(coupled(), 'p', {reduce: 'mean'})).toEqual([3, 1.5]);
    expect(await scoresOf(coupled(), 'p', {reduce: 'sum'})).toEqual([6, 3]);
  });

  it('are the largest, the product or the first of coupled layers', async () => {
    const model = coupled();
    setWeight(model.getLayer('q'), 0, [0, 2, 3, 0]);
    expect(await scoresOf(model, 'p', {reduce: 'max'})).toEqual([5, 2]);
    expect(await scoresOf(model, 'p', {reduce: 'prod'})).toEqual([15, 2]);
    expect(await scoresOf(model, 'p', {reduce: 'first'})).toEqual([5, 1]);
  });

  it('are those of the layers that make a channel', async () => {
    const model = around([1], (x) => {
      const [a, b] = ['a', 'b'].map((name) => layers.dense({units: 1, name}).apply(x));
      const both = layers.concatenate().apply([a, b] as never);
      return layers.add().apply([both, layers.dense({units: 2, name: 'c'}).apply(x)] as never);
    });
    setWeight(model.getLayer('a'), 0, [2]);
    setWeight(model.getLayer('b'), 0, [3]);
    setWeight(model.getLayer('c'), 0, [5, 7]);
    const by = (reduce: Reduce) => scoresOf(model, 'c', {reduce});
    expect(await by('mean')).toEqual([3.5, 5]);
    expect(await by('prod')).toEqual([10, 21]);
    expect(await by('max')).toEqual([5, 7]);
    expect(await by('first')).toEqual([2, 3]);
  });

  it('are of all gates of a recurrent unit, in both kernels', async () => {
    const model = around([3, 1], (x) =>
      layers.gru({units: 2, name: 'p', recurrentInitializer: 'glorotUniform'}).apply(x),
    );
    setWeight(model.getLayer('p'), 0, [1, -2, 1, 2, 1, 0]);
    setWeight(model.getLayer('p'), 1, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -3]);
    expect(await scoresOf(model, 'p', {importance: 'l1', reduce: 'sum'})).toEqual([4, 7]);
    const l2 = [Math.sqrt(3) + 1, Math.sqrt(8) + 3].map((each) => Number(each.toFixed(4)));
    expect(await scoresOf(model, 'p', {importance: 'l2', reduce: 'sum'})).toEqual(l2);
  });

  it('are of the filters of a transposed convolution, which are not on its last axis', async () => {
    const model = around([2, 2, 1], (x) =>
      layers.conv2dTranspose({filters: 2, kernelSize: [1, 2], name: 'p'}).apply(x),
    );
    // [1, 2, filters, 1]
    setWeight(model.getLayer('p'), 0, [3, 1, -4, 1]);
    expect(await scoresOf(model, 'p', {importance: 'l1'})).toEqual([7, 2]);
  });
});

describe('groupL2', () => {
  it('is the root of the mean or the sum of squares, of what makes a unit and what reads it', async () => {
    const model = twoUnits([3, -1, 4, 0], [2, -7]);
    const root = (square: number) => Number(Math.sqrt(square).toFixed(4));
    const importance = 'groupL2';
    const means = [root((25 + 4) / 2), root((1 + 49) / 2)];
    expect(await scoresOf(model, 'p', {importance})).toEqual(means);
    expect(await scoresOf(model, 'p', {importance, reduce: 'sum'})).toEqual([
      root(25 + 4),
      root(1 + 49),
    ]);
  });

  it('is of filters, their gammas, a depthwise kernel, and all that reads them flattened', async () => {
    const model = around([1, 2, 1], (x) => {
      const p = layers.conv2d({filters: 2, kernelSize: 1, name: 'p'}).apply(x);
      const n = layers.batchNormalization({name: 'n'}).apply(p);
      const d = layers.depthwiseConv2d({kernelSize: 1, name: 'd'}).apply(n);
      return layers.dense({units: 1, name: 'q'}).apply(layers.flatten().apply(d as never));
    });
    setWeight(model.getLayer('p'), 0, [2, 3]);
    setWeight(model.getLayer('n'), 0, [1, -2]);
    setWeight(model.getLayer('d'), 0, [0, 1]);
    // Two pixels of two channels.
    setWeight(model.getLayer('q'), 0, [1, 2, 2, 4]);
    expect(await scoresOf(model, 'p', {importance: 'groupL2', reduce: 'sum'})).toEqual([
      Number(Math.sqrt(4 + 1 + 0 + (1 + 4)).toFixed(4)),
      Number(Math.sqrt(9 + 4 + 1 + (4 + 16)).toFixed(4)),
    ]);
  });
});

describe('gamma', () => {
  it('is the size of gamma', async () => {
    const model = around([2], (x) =>
      layers.batchNormalization({name: 'n'}).apply(layers.dense({units: 2, name: 'p'}).apply(x)),
    );
    setWeight(model.getLayer('n'), 0, [-0.5, 0.25]);
    expect(await scoresOf(model, 'p', {importance: 'gamma'})).toEqual([0.5, 0.25]);
  });
});

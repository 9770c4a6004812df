import {sum, tensor1d} from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';

import type {ImportanceFunction} from '../../../lib/channels/importances/custom';
import {setWeight} from '../../setup/models';
import {around} from '../../shrink/shrunk';
import {scoresOf, twoUnits} from './scores';

describe('a function', () => {
  it('is called with the kernel, its channels last', async () => {
    const model = around([2, 2, 1], (x) =>
      layers.conv2dTranspose({filters: 2, kernelSize: [1, 2], name: 'p'}).apply(x),
    );
    // [1, 2, filters, 1]
    setWeight(model.getLayer('p'), 0, [3, 1, -4, 1]);
    const importance: ImportanceFunction = (kernel, {name, layer}) => {
      expect([kernel.shape, name, layer.name]).toEqual([[1, 2, 1, 2], 'p/kernel', 'p']);
      return sum(kernel, [0, 1, 2]);
    };
    expect(await scoresOf(model, 'p', {importance})).toEqual([-1, 2]);
  });

  it('is refused where it returns another shape', async () => {
    const model = twoUnits([3, -1, 4, 0], [1, 1]);
    await expect(scoresOf(model, 'p', {importance: () => tensor1d([1, 2, 3])})).rejects.toThrow(
      "importance: expected a function that returns scores of shape [2] for 'p/kernel', but got [3].",
    );
  });
});

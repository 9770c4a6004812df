import {layers} from '@tensorflow/tfjs-layers';

import {setWeight} from '../../setup/models';
import {around} from '../../shrink/shrunk';
import {scoresOf} from './scores';

const importance = 'fpgm';

/** Three units of weights (0, 0), (3, 4) and (6, 8). */
function line() {
  const model = around([2], (x) => layers.dense({units: 3, name: 'p'}).apply(x));
  setWeight(model.getLayer('p'), 0, [0, 3, 6, 0, 4, 8]);
  return model;
}

describe('fpgm', () => {
  it('is the sum of the distances to the others: least in the middle', async () => {
    expect(await scoresOf(line(), 'p', {importance})).toEqual([15, 10, 15]);
  });

  it('leaves pruned channels out', async () => {
    expect(await scoresOf(line(), 'p', {importance}, [0])).toEqual([0, 5, 5]);
  });

  it('is of all gates of a recurrent unit, in both kernels', async () => {
    const model = around([3, 1], (x) =>
      layers.gru({units: 2, name: 'p', recurrentInitializer: 'glorotUniform'}).apply(x),
    );
    // Units of (0, 0, 0) and (3, 4, 0), then (0, …) and (0, …, 5).
    setWeight(model.getLayer('p'), 0, [0, 3, 0, 4, 0, 0]);
    setWeight(model.getLayer('p'), 1, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]);
    expect(await scoresOf(model, 'p', {importance, reduce: 'sum'})).toEqual([10, 10]);
    expect(await scoresOf(model, 'p', {importance, reduce: 'mean'})).toEqual([5, 5]);
  });
});

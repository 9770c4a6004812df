import {layers, sequential} from '@tensorflow/tfjs-layers';

import {pruneNow, sparsityReport} from '../../lib';
import {fillKernels} from '../setup/models';

function prunedBy(block: [number, number], units: number) {
  const model = fillKernels(
    sequential({layers: [layers.dense({units, name: 'dense', inputShape: [10]})]}),
  );
  return {model, pruning: pruneNow(model, {sparsity: 0.5, structure: {block}})};
}

describe('blocks that do not divide a kernel', () => {
  afterEach(() => jest.restoreAllMocks());

  it('meet the sparsity to half a block, silently', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const {model, pruning} = prunedBy([1, 4], 17);
    await pruning;
    const {zeros} = await sparsityReport(model);
    expect(Math.abs(zeros - 85)).toBeLessThanOrEqual(2);
    expect(warn).not.toHaveBeenCalled();
  });

  it('are said to be too large where they miss it by more', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const {model, pruning} = prunedBy([8, 16], 4);
    await pruning;
    // 8 of the 10 inputs, or the other 2.
    expect((await sparsityReport(model)).sparsity).toBe(0.2);
    expect(warn).toHaveBeenCalledWith(
      "Blocks of 8 by 16 are too large to meet the sparsity: 'dense/kernel' at 0.2000, not 0.5000.",
    );
  });
});

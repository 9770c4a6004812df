import * as tf from '@tensorflow/tfjs-core';

import {readVectors} from '../../lib/base/read_vectors';
import {countReads} from '../setup/models';

describe('readVectors', () => {
  it('reads all in one go, empty ones too, and leaves no tensors', async () => {
    const tensors = tf.memory().numTensors;
    const reads = countReads(tf.engine() as never);
    const lists = [[1, 2], [], [3]];
    const read = await readVectors<'int32'>(() => lists.map((each) => tf.tensor1d(each, 'int32')));
    expect(read.map((each) => [...each])).toEqual(lists);
    expect(reads.count()).toBe(1);
    reads.restore();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('of nothing is nothing', async () => {
    expect(await readVectors<'float32'>(() => [])).toEqual([]);
  });
});

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {PruningError} from '../../lib/base/errors';
import {readWeight} from '../../lib/model/read_weight';
import {finaliseMask} from '../../lib/projection/finalise_mask';
import {maskZeros, maskOf, maskedVariables, setMask} from '../../lib/projection/mask';
import {mlp, setWeight, values} from '../setup/models';

/** A weight of the given numbers. */
function weight(...numbers: number[]): tfl.LayerVariable {
  const model = mlp({inputs: numbers.length, units: [1]});
  setWeight(model.layers[0], 0, numbers);
  return model.layers[0].weights[0];
}

function maskFor(variable: tfl.LayerVariable, ...numbers: number[]): tf.Tensor {
  return tf.tensor(numbers, variable.shape as number[], 'float32');
}

function write(variable: tfl.LayerVariable, ...numbers: number[]): void {
  setWeight({weights: [variable]} as tfl.layers.Layer, 0, numbers);
}

describe('setMask', () => {
  it('zeroes the masked elements at once and leaves the others alone', () => {
    const variable = weight(1, -2, 3, -4);
    setMask(variable, maskFor(variable, 1, 0, 0, 1));
    expect([...values(variable)].map((value) => value + 0)).toEqual([1, 0, 0, -4]);
    expect([...maskOf(variable)!.dataSync()]).toEqual([1, 0, 0, 1]);
  });

  it('disposes the mask that it replaces', () => {
    const variable = weight(1, 2, 3);
    const first = maskFor(variable, 1, 0, 1);
    setMask(variable, first);
    const before = tf.memory().numTensors;
    setMask(variable, maskFor(variable, 0, 0, 1));
    expect(first.isDisposed).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
    expect([...values(variable)]).toEqual([0, 0, 3]);
  });

  it('keeps the mask through the end of a tidy', () => {
    const variable = weight(1, 2, 3);
    tf.tidy(() => setMask(variable, maskFor(variable, 1, 0, 1)));
    write(variable, 4, 5, 6);
    expect([...values(variable)]).toEqual([4, 0, 6]);
  });

  it('holds for whatever is written, and makes no tensors by that', () => {
    const variable = weight(1, 2, 3);
    setMask(variable, maskFor(variable, 0, 1, 1));
    write(variable, 7, 8, 9);
    const {numTensors, numBytes} = tf.memory();
    write(variable, 10, 11, 12);
    expect(tf.memory()).toMatchObject({numTensors, numBytes});
    expect([...values(variable)]).toEqual([0, 11, 12]);
  });
});

describe('maskZeros', () => {
  it('masks 0 and −0 and nothing else', () => {
    const variable = weight(0, -0, 1e-30, -5);
    maskZeros(variable);
    expect([...maskOf(variable)!.dataSync()]).toEqual([0, 0, 1, 1]);
    expect(maskOf(variable)!.dtype).toBe('float32');
  });

  it('adds them to the mask that is there', () => {
    const variable = weight(1, 2, 0, 4);
    setMask(variable, maskFor(variable, 0, 1, 1, 1));
    maskZeros(variable);
    expect([...maskOf(variable)!.dataSync()]).toEqual([0, 1, 0, 1]);
  });

  it('takes a weight of zeros for one that was never pruned', () => {
    const variable = weight(0, 0, 0);
    maskZeros(variable);
    expect([...maskOf(variable)!.dataSync()]).toEqual([1, 1, 1]);
  });

  it('leaves the mask of one whose kept elements are all zero', () => {
    const variable = weight(0, 0, 0);
    setMask(variable, maskFor(variable, 0, 1, 0));
    maskZeros(variable);
    expect([...maskOf(variable)!.dataSync()]).toEqual([0, 1, 0]);
  });
});

describe('finaliseMask', () => {
  it('leaves zeros whose bits are zero, and the others bit for bit', () => {
    const variable = weight(-1, 1, -0.1, 3.3);
    setMask(variable, maskFor(variable, 0, 0, 1, 1));
    finaliseMask(variable);
    const bits = new Uint32Array(values(variable).buffer);
    expect([...bits]).toEqual([0, 0, ...new Uint32Array(Float32Array.of(-0.1, 3.3).buffer)]);
  });

  it('makes zeros of masked numbers that are not finite', () => {
    const variable = weight(1, 2, 3);
    setMask(variable, maskFor(variable, 0, 0, 1));
    setWeight({weights: [variable]} as tfl.layers.Layer, 0, [NaN, Infinity, 9]);
    finaliseMask(variable);
    expect([...values(variable)]).toEqual([0, 0, 9]);
  });

  it('ends the mask', () => {
    const variable = weight(-1, 1);
    const mask = maskFor(variable, 0, 1);
    const before = tf.memory().numTensors - 1;
    setMask(variable, mask);
    finaliseMask(variable);
    expect(maskOf(variable)).toBeUndefined();
    expect(mask.isDisposed).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaves a weight without a mask alone', () => {
    const variable = weight(-1, 1);
    const {dataId} = variable.read();
    finaliseMask(variable);
    expect(variable.read().dataId).toBe(dataId);
  });

  it('has nothing to end where the weight was disposed, which frees the mask', () => {
    const variable = weight(-1, 1);
    const mask = maskFor(variable, 0, 1);
    setMask(variable, mask);
    variable.dispose();
    expect(mask.isDisposed).toBe(true);
    expect(maskOf(variable)).toBeUndefined();
    expect(() => finaliseMask(variable)).not.toThrow();
  });
});

describe('maskedVariables', () => {
  it('finds those of nested models, a shared one once', () => {
    const shared = tfl.layers.dense({units: 4, name: 'shared', inputShape: [4]});
    const inner = tfl.sequential({layers: [shared, tfl.layers.dense({units: 4})]});
    const input = tfl.input({shape: [4]});
    const output = shared.apply(inner.apply(input)) as tfl.SymbolicTensor;
    const model = tfl.model({inputs: input, outputs: output});
    expect(maskedVariables(model)).toEqual([]);
    const variable = shared.weights[0];
    setMask(variable, tf.ones([4, 4]));
    expect(maskedVariables(model)).toEqual([variable]);
    finaliseMask(variable);
  });

  it.each<[string, () => tfl.layers.Layer]>([
    ['dense', () => tfl.layers.dense({units: 2, inputShape: [3, 4]})],
    [
      'recurrent',
      () => tfl.layers.simpleRNN({units: 2, recurrentInitializer: 'ones', inputShape: [3, 4]}),
    ],
    [
      'wrapped',
      () => tfl.layers.timeDistributed({layer: tfl.layers.dense({units: 2}), inputShape: [3, 4]}),
    ],
    [
      'bidirectional',
      () =>
        tfl.layers.bidirectional({
          layer: tfl.layers.simpleRNN({units: 2, recurrentInitializer: 'ones'}) as tfl.RNN,
          inputShape: [3, 4],
        }),
    ],
    ['nested', () => tfl.sequential({layers: [tfl.layers.dense({units: 2, inputShape: [3, 4]})]})],
  ])('finds those of a %s layer that was frozen since', (_name, build) => {
    const layer = build();
    const model = tfl.sequential({layers: [layer]});
    const variable = layer.weights[0];
    setMask(variable, tf.ones(variable.shape as number[]));
    layer.trainable = false;
    expect(maskedVariables(model)).toEqual([variable]);
    finaliseMask(variable);
  });
});

describe('readWeight', () => {
  it('is the variable itself, not a copy', () => {
    const variable = weight(1, 2);
    expect(readWeight(variable)).toBe(variable.read());
  });

  it('names a weight that is disposed, and gives the cause', () => {
    const variable = weight(1, 2);
    variable.dispose();
    const failure = (() => {
      try {
        return readWeight(variable);
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(PruningError);
    expect((failure as PruningError).message).toMatch(
      /^weight 'dense_0\/kernel.*': expected a weight in use, but got 'a disposed one'\.$/,
    );
    expect((failure as PruningError).cause).toBeInstanceOf(Error);
  });
});

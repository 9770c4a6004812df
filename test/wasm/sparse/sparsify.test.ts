import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {PruningError} from '../../../lib/base/errors';
import type {KernelSession} from '../../../lib/kernels/session';
import * as wasmBackend from '../../../lib/model/wasm_backend';
import {sparsify, type Sparsified} from '../../../lib/wasm';
import {normal, startSession} from '../../kernels/sparse/on_wasm';
import {relativeError} from '../on_backend';
import {convolutionModel, denseModel, sparseKernels} from './models';

const session = startSession();

function predict(model: tfl.LayersModel, x: tf.Tensor): Float32Array {
  return tf.tidy(() => (model.predict(x) as tf.Tensor).dataSync<'float32'>());
}

/** The dense numbers of a weight, in the backend's memory. */
function numbersOf(session: KernelSession, variable: tfl.LayerVariable): Float32Array {
  const tensor = variable.read();
  return session.floats(session.addressOf(tensor), tensor.size);
}

/** How many sparse products and convolutions predict. */
function sparseCalls(model: tfl.LayersModel, x: tf.Tensor): number {
  const {kernels} = session();
  const names = ['convolution', 'product', 'vector1', 'vector4'] as const;
  const spies = names.map((name) => jest.spyOn(kernels, name));
  predict(model, x);
  const calls = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  spies.forEach((spy) => spy.mockRestore());
  return calls;
}

/** Whether predictions are computed by sparse kernels. */
function isSparse(model: tfl.LayersModel, x: tf.Tensor): boolean {
  return sparseCalls(model, x) > 0;
}

describe('predictions', () => {
  it('of dense layers are as before, and read the sparse weights', async () => {
    for (const block of [1, 2, 4]) {
      const model = denseModel(0.9, block);
      const x = normal([16, 96], 1);
      const dense = predict(model, x);
      expect(isSparse(model, x)).toBe(false);
      const sparse = await sparsify(model);
      expect(predict(model, x)).toEqual(dense);
      expect(isSparse(model, x)).toBe(true);
      const kernel = block === 1 ? 'sparse' : `sparse 1x${block}`;
      expect(sparse.layers.map(({name, shape}) => ({name, shape}))).toEqual([
        {name: 'first/kernel', shape: [96, 64]},
        {name: 'second/kernel', shape: [64, 32]},
      ]);
      expect(sparse.layers.map((layer) => layer.kernel)).toEqual([kernel, kernel]);
      sparse.dispose();
      expect(isSparse(model, x)).toBe(false);
      expect(sparse.bytes).toBe(0);
      model.dispose();
    }
  });

  it('of a single row are as before, to 1e-5', async () => {
    const model = denseModel();
    const x = normal([1, 96], 1);
    const dense = predict(model, x);
    const sparse = await sparsify(model);
    expect(relativeError(predict(model, x), dense, 0)).toBeLessThan(1e-5);
    expect(isSparse(model, x)).toBe(true);
    sparse.dispose();
  });

  it('of each kind of layer are as before', async () => {
    const model = convolutionModel();
    const x = normal([5, 12, 12, 16], 1);
    const dense = predict(model, x);
    const sparse = await sparsify(model);
    expect(predict(model, x)).toEqual(dense);
    // Two products for each of 24 steps in time.
    expect(sparseCalls(model, x)).toBe(5 + 2 * 24 + 1);
    const kernels = sparse.layers.map(({kernel}) => kernel);
    // The transposed convolution has none.
    expect(kernels.map((kernel) => kernel !== 'dense')).toEqual([
      ...[true, true, true, false],
      ...[true, true, true, true, true],
    ]);
    expect(sparse.layers[3].reason).toContain('Conv2DTranspose');
    sparse.dispose();
  });

  it('use weights that are written after it', async () => {
    const model = denseModel();
    const x = normal([8, 96], 1);
    const sparse = await sparsify(model);
    sparseKernels(model, 0.8);
    const copy = denseModel();
    copy.setWeights(model.getWeights().map((weight) => tf.tensor(weight.dataSync(), weight.shape)));
    expect(predict(model, x)).toEqual(predict(copy, x));
    expect(isSparse(model, x)).toBe(false);
    const again = await sparsify(model);
    expect(isSparse(model, x)).toBe(true);
    expect(predict(model, x)).toEqual(predict(copy, x));
    sparse.dispose(); // Not the second's.
    expect(isSparse(model, x)).toBe(true);
    again.dispose();
  });

  it('of two models that share their weights', async () => {
    const a = denseModel();
    const b = denseModel(0.5);
    b.setWeights(a.getWeights());
    const x = normal([8, 96], 1);
    const [ofA, ofB] = [await sparsify(a), await sparsify(b)];
    ofA.dispose();
    expect(isSparse(b, x)).toBe(true);
    ofB.dispose();
    ofB.dispose();
    expect(isSparse(b, x)).toBe(false);
  });
});

describe('the report', () => {
  it('counts zeros, and says why weights are dense', async () => {
    const model = denseModel(0.2);
    const {layers, bytes} = await sparsify(model);
    const zeros = numbersOf(session(), model.weights[0]).filter((value) => value === 0).length;
    expect(layers[0]).toEqual({
      name: 'first/kernel',
      shape: [96, 64],
      zeros,
      kernel: 'dense',
      reason: 'less than 40 % zeros',
    });
    expect(bytes).toBe(0);
  });

  it('has weights of the layers that were asked for', async () => {
    const model = denseModel();
    const {layers} = await sparsify(model, {layers: ['second']});
    expect(layers.map(({name}) => name)).toEqual(['second/kernel']);
    const {layers: denser} = await sparsify(model, {minSparsity: 0.95});
    expect(denser.map(({kernel}) => kernel)).toEqual(['dense', 'dense']);
  });

  it('takes at most a quarter of the memory of the dense weights at 90 % zeros', async () => {
    const model = denseModel();
    const sparse = await sparsify(model);
    const dense = 4 * (96 * 64 + 64 * 32);
    expect(sparse.bytes).toBeGreaterThan(0);
    expect(sparse.bytes).toBeLessThan(0.25 * dense);
    predict(model, normal([8, 96], 1));
    expect(sparse.bytes).toBeLessThan(0.25 * dense);
    sparse.dispose();
  });
});

describe('nothing is left of', () => {
  /** Allocations that were not freed while `task` ran, but for what is kept for the next time. */
  async function leftBy(task: () => Promise<void>): Promise<number> {
    await task();
    const {wasm} = session().backend;
    const module = wasm as unknown as {
      _malloc(bytes: number): number;
      _free(at: number): void;
    };
    const {_malloc, _free} = module;
    const taken = new Set<number>();
    module._malloc = (bytes) => {
      const at = _malloc(bytes);
      taken.add(at);
      return at;
    };
    module._free = (at) => {
      taken.delete(at);
      _free(at);
    };
    const {numTensors} = tf.memory();
    try {
      for (let i = 0; i < 3; ++i) {
        await task();
      }
    } finally {
      module._malloc = _malloc;
      module._free = _free;
    }
    expect(tf.memory().numTensors).toBe(numTensors);
    return taken.size;
  }

  it('a model that is sparsified, predicts and is disposed', async () => {
    expect(
      await leftBy(async () => {
        const model = convolutionModel();
        const x = normal([2, 12, 12, 16], 1);
        await sparsify(model);
        predict(model, x);
        model.dispose();
        x.dispose();
      }),
    ).toBe(0);
  });

  it('sparse forms that are disposed', async () => {
    const model = convolutionModel();
    const x = normal([2, 12, 12, 16], 1);
    expect(
      await leftBy(async () => {
        const sparse = await sparsify(model);
        predict(model, x);
        sparse.dispose();
      }),
    ).toBe(0);
    model.dispose();
    x.dispose();
  });

  it('images of many sizes', async () => {
    const layer = tfl.layers.conv2d({filters: 16, kernelSize: 3, inputShape: [null, null, 16]});
    const model = sparseKernels(tfl.sequential({layers: [layer]}));
    expect(
      await leftBy(async () => {
        const sparse = await sparsify(model);
        for (const size of [5, 6, 7, 8]) {
          const x = normal([1, size, size, 16], size);
          predict(model, x);
          x.dispose();
        }
        sparse.dispose();
      }),
    ).toBe(0);
  });
});

describe('refuses', () => {
  const call = (...args: unknown[]) =>
    (sparsify as unknown as (...args: unknown[]) => Promise<Sparsified>)(...args);

  it('what is no model', async () => {
    await expect(call({})).rejects.toThrow(PruningError);
    await expect(call(undefined)).rejects.toThrow('model: expected a tf.LayersModel');
  });

  it('bad options', async () => {
    const model = denseModel();
    await expect(call(model, {minSparsity: 2})).rejects.toThrow('minSparsity');
    await expect(call(model, {layer: []})).rejects.toThrow('perhaps layers');
    await expect(call(model, {layers: ['third']})).rejects.toThrow("got 'third'");
    await expect(call(model, {layers: 3})).rejects.toThrow('layers');
  });

  it('a disposed model', async () => {
    const model = denseModel();
    model.dispose();
    await expect(call(model)).rejects.toThrow(PruningError);
  });

  it('another backend', async () => {
    const model = denseModel();
    await tf.setBackend('cpu');
    await expect(call(model)).rejects.toThrow("backend: expected 'wasm'");
    await tf.setBackend('wasm');
  });
});

it('takes weights that were made on another backend', async () => {
  await tf.setBackend('cpu');
  const model = denseModel();
  const x = normal([8, 96], 1);
  await tf.setBackend('wasm');
  const sparse = await sparsify(model);
  expect(sparse.layers.map(({kernel}) => kernel)).toEqual(['sparse', 'sparse']);
  expect(isSparse(model, x)).toBe(true);
});

it('leaves the model as it is where the memory cannot be reached', async () => {
  // What a later version of tfjs might do.
  const hidden = jest.spyOn(wasmBackend, 'memoryOf').mockReturnValue(undefined);
  const {layers, bytes} = await sparsify(denseModel());
  hidden.mockRestore();
  expect(layers.map(({kernel}) => kernel)).toEqual(['dense', 'dense']);
  expect(layers[0].reason).toContain('hides its memory');
  expect(layers[0].zeros).toBeGreaterThan(5000);
  expect(bytes).toBe(0);
});

// The last one: the session of the other tests ends with it.
it('goes with the backend, and works with the next', async () => {
  const model = denseModel();
  const sparse = await sparsify(model);
  const factory = tf.findBackendFactory('wasm');
  tf.removeBackend('wasm');
  sparse.dispose();
  tf.registerBackend('wasm', factory, 2);
  expect(await tf.setBackend('wasm')).toBe(true);
  const next = denseModel();
  const x = normal([8, 96], 1);
  const dense = predict(next, x);
  await sparsify(next);
  expect(predict(next, x)).toEqual(dense);
});

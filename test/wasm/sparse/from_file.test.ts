import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {compressed} from '../../../lib/files/io';
import {packed} from '../../../lib/files/load';
import {sparsify} from '../../../lib/sparse';
import {normal, startSession} from '../../kernels/sparse/on_wasm';
import {sparseKernels} from './models';

startSession();

it('a packed file becomes a sparse model without a copy in JavaScript', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
  const file = join(folder, 'model.tfpack');
  const layer = tfl.layers.dense({
    units: 1024,
    inputShape: [1024],
    kernelInitializer: 'zeros',
    activation: 'relu',
  });
  const saved = sparseKernels(tfl.sequential({layers: [layer]}));
  const x = normal<tf.Rank.R2>([8, 1024], 1);
  const predict = (model: tfl.LayersModel) =>
    tf.tidy(() => (model.predict(x) as tf.Tensor).dataSync());
  const dense = predict(saved);
  await saved.save(compressed(file, {format: 'packed'}));
  const model = await tfl.loadLayersModel(packed(Uint8Array.from(readFileSync(file))));
  predict(model);
  const before = process.memoryUsage().arrayBuffers;
  const sparse = await sparsify(model);
  const after = predict(model);
  const grown = process.memoryUsage().arrayBuffers - before;
  expect(after).toEqual(dense);
  expect(sparse.layers.map(({kernel}) => kernel)).toEqual(['sparse']);
  // A tenth of a million weights, of 8 bytes each: in the backend's memory.
  expect(sparse.bytes).toBeGreaterThan(700_000);
  expect(grown).toBeLessThan(200_000);
  sparse.dispose();
  tf.dispose([x]);
  model.dispose();
  saved.dispose();
  rmSync(folder, {recursive: true});
});

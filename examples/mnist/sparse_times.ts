import * as tf from '@tensorflow/tfjs-core';
import {loadLayersModel} from '@tensorflow/tfjs-layers';
import {fileSystem} from 'tfjs-prune/node';
import {sparsify} from 'tfjs-prune/wasm';

import {latency} from './measure';

const ROUNDS = 300;

/** Milliseconds of an image on WebAssembly, dense and with `sparsify`. */
export interface SparseTimes {
  readonly dense: number;
  readonly sparse: number;
}

/**
 * How long the model in `folder` takes on WebAssembly, whatever backend is in use;
 * `undefined` where it has too few zeros for `sparsify` to gain.
 */
export async function sparseTimes(folder: string): Promise<SparseTimes | undefined> {
  const inUse = tf.getBackend();
  await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  const model = await loadLayersModel(fileSystem(folder));
  try {
    const [dense] = await latency([model], 1, ROUNDS);
    const {layers} = await sparsify(model);
    const isSparse = layers.some(({kernel}) => kernel !== 'dense');
    const [sparse] = await latency([model], 1, ROUNDS);
    return isSparse ? {dense, sparse} : undefined;
  } finally {
    model.dispose();
    await tf.setBackend(inUse);
  }
}

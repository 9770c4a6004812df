import {getThreadsCount, setThreadsCount, setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import plainUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import {sparsify} from 'tfjs-prune/sparse';

import {inTurns} from '../../examples/mnist/turns';
import {kernelsNow, use} from '../sparse/kernel_sets';
import {NETWORKS} from '../sparse/networks';

/** What a visit to the page measures. */
export interface SparseMeasurement {
  /** The name of one of `NETWORKS`. */
  network: string;
  /** Threads of the backend; 0 for the build without threads. */
  threads: number;
  sparsity: number;
  /** Turns that count. */
  rounds: number;
}

declare global {
  interface Window {
    /** Milliseconds of a prediction by round: with the kernels of tfjs, and sparse. */
    measureSparse: (measurement: SparseMeasurement) => Promise<number[][]>;
  }
}

/** How long the predictions of a turn take, in ms: browsers' clocks are coarse. */
const TURN_MS = 60;
/** Enough for the engine's last stage of compilation. */
const WARM_UP_MS = 1500;
/** Of results that are equal but for the order of additions. */
const MOST_DIFFERENT = 1e-4;

window.measureSparse = async ({network, threads, sparsity, rounds}) => {
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', threads > 0);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plainUrl,
    'tfjs-backend-wasm-simd.wasm': simdUrl,
    'tfjs-backend-wasm-threaded-simd.wasm': threadedUrl,
  });
  if (threads > 0) {
    setThreadsCount(threads);
  }
  await tf.setBackend('wasm');
  if (threads > 0 && getThreadsCount() !== threads) {
    throw new Error(`tfjs-wasm took ${getThreadsCount()} threads for ${threads}.`);
  }
  const {make, shape} = NETWORKS.find(({name}) => name === network)!;
  const stock = kernelsNow();
  const model = await make(sparsity, 1);
  const x = tf.randomUniform(shape as number[]);
  const predict = async () => {
    const y = model.predict(x) as tf.Tensor;
    const values = await y.data<'float32'>();
    y.dispose();
    return values;
  };
  const dense = await predict();
  await sparsify(model as unknown as LayersModel);
  const sparse = kernelsNow();
  if ((await predict()).some((value, i) => !(Math.abs(value - dense[i]) < MOST_DIFFERENT))) {
    throw new Error(`${network} predicts something else with its sparse kernels.`);
  }
  const sets = [stock, sparse];
  const repeats: number[] = [];
  for (const set of sets) {
    use(set);
    repeats.push(Math.ceil(TURN_MS / (await warmUp(predict))));
  }
  return inTurns(sets.length, rounds, async (i) => {
    use(sets[i]);
    const start = performance.now();
    for (let n = 0; n < repeats[i]; ++n) {
      await predict();
    }
    return (performance.now() - start) / repeats[i];
  });
};

/** Milliseconds of one run, once it is compiled. */
async function warmUp(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let runs = 0;
  for (; performance.now() - start < WARM_UP_MS; ++runs) {
    await run();
  }
  return (performance.now() - start) / runs;
}

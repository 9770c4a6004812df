import {dispose, type Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

/** Predictions before the first that counts: they compile and allocate. */
const WARM_UPS = 3;
/** Predictions that count, at least, and milliseconds that they take together, at least. */
const LEAST = 9;
const SPENT = 100;

/** The median of the milliseconds that predictions of `example` take, outputs read. */
export async function predictionMillis(model: LayersModel, example: Tensor[]): Promise<number> {
  const times: number[] = [];
  let spent = 0;
  for (let i = -WARM_UPS; i < LEAST || spent < SPENT; ++i) {
    const start = performance.now();
    const outputs = [model.predict(example)].flat();
    await Promise.all(outputs.map((output) => output.data()));
    const time = performance.now() - start;
    dispose(outputs);
    if (i >= 0) {
      times.push(time);
      spent += time;
    }
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

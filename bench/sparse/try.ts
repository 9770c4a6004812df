import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import {layers, measureLayer} from './layers';

await tf.setBackend('wasm');
const [filter = '', sps = '0.5,0.8,0.9', rounds = '7'] = process.argv.slice(2);
for (const layer of layers()) {
  if (!layer.name.includes(filter)) continue;
  for (const sp of sps.split(',').map(Number)) {
    const r = await measureLayer(layer, sp, Number(rounds));
    console.log(
      layer.name.padEnd(28),
      sp,
      r.dense.ms.toFixed(4),
      ...Object.entries(r)
        .slice(1)
        .map(([n, v]) => `| ${n}: ${v.ms.toFixed(4)} x${v.times.toFixed(2)}`),
    );
  }
}

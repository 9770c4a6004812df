import {input, layers, model as makeModel, type SymbolicTensor} from '@tensorflow/tfjs-layers';

import {shrink, sparsityReport} from '../../lib';

/** CPU seconds of `run`. */
async function cpuSeconds(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const {user, system} = process.cpuUsage(before);
  return (user + system) / 1e6;
}

it('takes a time that grows with the number of layers, not with its square', async () => {
  const x = input({shape: [8]});
  let y = x;
  for (let i = 0; i < 1000; i++) {
    y = layers.dense({units: 8, activation: 'relu'}).apply(y) as SymbolicTensor;
  }
  const model = makeModel({inputs: x, outputs: y});
  await sparsityReport(model); // Compiles what it runs.
  // Each is below half a second on a machine of its own; it was above four.
  expect(await cpuSeconds(() => sparsityReport(model))).toBeLessThan(2);
  expect(await cpuSeconds(() => shrink(model))).toBeLessThan(2);
});

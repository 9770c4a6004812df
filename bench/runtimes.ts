/**
 * A prediction of MobileNetV1 with 90 % zeros by runtime: tfjs-wasm, the same with `sparsify`,
 * and onnxruntime-web, in turns in one process by CPU time; tfjs-node on one thread and on two
 * by wall time, in a process of its own.
 *
 *     npm run bench:runtimes [-- --rounds 21 --widths 1 --side 224]
 */
import '@tensorflow/tfjs-backend-wasm';
import {spawnSync} from 'node:child_process';

import {loadGraphModel} from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command} from 'commander';
import {sparsify} from 'tfjs-prune/wasm';

import {clock, subtract} from './clock';
import {atLeast, type Bar, median, printResult} from './result';
import {kernelsNow, use} from './sparse/kernel_sets';
import {mobileNetGraph} from './sparse/mobilenet_graph';
import {asOnnx} from './sparse/onnx';
import {onnxruntime} from './sparse/onnxruntime';

const SPARSITY = 0.9;
const WARM_UPS = 25;
/** How many times as fast as onnxruntime-web MobileNetV1 1.0/224 must be. */
const LEAST_BY_ONNXRUNTIME = 4;

const options = new Command('npm run bench:runtimes --')
  .option('--rounds <n>', 'turns of each', Number, 21)
  .option('--widths <w...>', 'of MobileNetV1', ['1', '0.25'])
  .option('--side <n>', 'of the images', Number, 224)
  .parse()
  .opts<{rounds: number; widths: string[]; side: number}>();

await tf.setBackend('wasm');
const {side} = options;
const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const table = new Table({
  head: ['Milliseconds', ...options.widths.map((width) => `MobileNetV1 ${width}/${side}`)],
  style: {head: [], border: []},
});
const rows: Record<string, string[]> = {};
const note = (name: string, runtime: string, ms: number | undefined) => {
  (rows[runtime] ??= []).push(ms === undefined ? 'not installed' : ms.toFixed(2));
  if (ms !== undefined) {
    figures[`${name}, ${runtime}, ms`] = ms;
  }
};
for (const width of options.widths) {
  const name = `MobileNetV1 ${width}/${side}`;
  const artifacts = mobileNetGraph(Number(width), side, SPARSITY, 1);
  const stock = kernelsNow();
  const model = await loadGraphModel(tf.io.fromMemory(artifacts));
  const x = tf.randomUniform<tf.Rank.R4>([1, side, side, 3]);
  const values = await tf.transpose(x, [0, 3, 1, 2]).data<'float32'>();
  const predict = async () => {
    const y = model.predict(x) as tf.Tensor;
    const probabilities = y.dataSync<'float32'>();
    y.dispose();
    return probabilities;
  };
  const dense = await predict();
  await sparsify(model);
  const sparse = kernelsNow();
  const session = await onnxruntime(asOnnx(artifacts));
  const onnx = () => session(values, [1, 3, side, side]);
  const difference = (await onnx()).map((value, i) => Math.abs(value - dense[i]));
  // The same network, or the figures say nothing.
  if (!(Math.max(...difference) < 1e-4)) {
    throw new Error(`onnxruntime gives other outputs: ${Math.max(...difference)}.`);
  }
  const runners = [
    {runtime: 'tfjs-wasm', before: () => use(stock), run: predict},
    {runtime: 'tfjs-wasm, sparsify', before: () => use(sparse), run: predict},
    {runtime: 'onnxruntime-web', before: () => {}, run: onnx},
  ];
  const turns = runners.map((): number[] => []);
  for (let round = 0; round < WARM_UPS + options.rounds; ++round) {
    for (const [i, {before, run}] of runners.entries()) {
      before();
      const start = clock();
      await run();
      turns[i].push(subtract(clock(), start).cpu);
    }
  }
  const counted = turns.map((each) => each.slice(WARM_UPS));
  runners.forEach(({runtime}, i) => note(name, runtime, median(counted[i])));
  const times = median(counted[2].map((ms, i) => ms / counted[1][i]));
  figures[`${name}, sparsify by onnxruntime-web`] = times;
  if (Number(width) === 1 && side === 224) {
    bars[`${name}, sparsify by onnxruntime-web`] = atLeast(times, LEAST_BY_ONNXRUNTIME);
  }
  use(stock);
  model.dispose();
  for (const threads of [1, 2]) {
    note(name, `tfjs-node, ${threads} thread${threads > 1 ? 's' : ''}`, onNode(name, threads));
  }
}
Object.entries(rows).forEach(([runtime, cells]) => table.push([runtime, ...cells]));
console.log(table.toString());
printResult('runtimes', 'wasm', figures, bars);

/** The time on tfjs-node; `undefined` where it is not installed. */
function onNode(name: string, threads: number): number | undefined {
  const script = ['bench/sparse/tensorflow.ts', `GraphModel ${name}`, String(options.rounds)];
  const {stdout} = spawnSync(process.execPath, ['--import', 'tsx', ...script], {
    encoding: 'utf8',
    env: {
      ...process.env,
      TF_NUM_INTRAOP_THREADS: `${threads}`,
      TF_NUM_INTEROP_THREADS: '1',
      TF_CPP_MIN_LOG_LEVEL: '2',
    },
  });
  const ms = /ms: (\S+)/.exec(stdout)?.[1];
  return ms === undefined ? undefined : Number(ms);
}

/**
 * Time of layers and of whole networks with `sparsify` by the same on tfjs-wasm alone, in
 * turns in one process, by CPU time: single zeros, and zeros in blocks of four neighboring
 * outputs. Ratios are medians. Beside them the largest difference of the outputs, and the
 * memory that sparse forms take.
 *
 *     npm run bench:sparse [-- --rounds 15 --only MobileNet --sparsities 0.8 0.9]
 */
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command} from 'commander';

import {atLeast, atMost, printResult, type Bar} from './result';
import {layerLimit, MOST_MEMORY, NETWORK_LIMITS} from './sparse/bars';
import {layers, measureLayer} from './sparse/layers';
import {measureNetwork, NETWORKS} from './sparse/networks';

const BLOCKS = [1, 4] as const;
const BAR_SPARSITY = 0.9;

const options = new Command('npm run bench:sparse --')
  .option('--rounds <n>', 'turns of each', Number, 11)
  .option('--only <text>', 'what names of layers and networks contain', '')
  .option('--sparsities <s...>', 'shares of zeros', ['0.5', '0.7', '0.8', '0.9', '0.95'])
  .parse()
  .opts<{rounds: number; only: string; sparsities: string[]}>();
const sparsities = options.sparsities.map(Number);
const isWanted = ({name}: {name: string}) => name.includes(options.only);

if (!(await tf.setBackend('wasm'))) {
  throw new Error('The wasm backend could not be started.');
}
const figures: Record<string, number> = {};
const bars: Record<string, Bar> = {};
const newTable = (title: string) =>
  new Table({
    head: [title, 'ms, dense', ...sparsities.map((share) => percent(share))],
    style: {head: [], border: []},
  });

const layerTable = newTable('Times as fast: single zeros / blocks of 4');
for (const layer of layers().filter(isWanted)) {
  const cells: string[] = [];
  let denseMs = 0;
  for (const sparsity of sparsities) {
    const result = await measureLayer(layer, sparsity, options.rounds);
    denseMs = result.dense.ms;
    const factors = BLOCKS.map((block) => {
      const {times} = result[`blocks of ${block}`];
      const key = keyOf(layer.name, sparsity, block);
      figures[key] = times;
      bars[key] = atLeast(times, layerLimit(layer.name, sparsity, block));
      return times.toFixed(1);
    });
    cells.push(factors.join(' / '));
  }
  layerTable.push([layer.name, denseMs.toFixed(3), ...cells]);
}
console.log(layerTable.toString());

const networkTable = newTable('Times as fast: single zeros / blocks of 4');
let largestDifference = 0;
let memory = 0;
for (const network of NETWORKS.filter(isWanted)) {
  const cells: string[] = [];
  let denseMs = 0;
  for (const sparsity of sparsities) {
    const factors: string[] = [];
    for (const block of BLOCKS) {
      const result = await measureNetwork(network, sparsity, block, options.rounds);
      const key = keyOf(network.name, sparsity, block);
      figures[key] = result.times;
      figures[`${key}, ms`] = result.sparseMs;
      if (sparsity === BAR_SPARSITY && block === 1) {
        bars[key] = atLeast(result.times, NETWORK_LIMITS[network.name] ?? 1);
        memory = Math.max(memory, result.memory);
      }
      denseMs = result.denseMs;
      largestDifference = Math.max(largestDifference, result.largestDifference);
      factors.push(`${result.times.toFixed(1)} (${result.sparseMs.toFixed(2)} ms)`);
    }
    cells.push(factors.join(' / '));
  }
  figures[`${network.name}, dense ms`] = denseMs;
  networkTable.push([network.name, denseMs.toFixed(2), ...cells]);
}
console.log(networkTable.toString());
console.log(`Largest difference of outputs: ${largestDifference}`);
if (memory > 0) {
  figures['memory by dense weights, 90 %'] = memory;
  bars['memory by dense weights, 90 %'] = atMost(memory, MOST_MEMORY);
}
const missed = Object.entries(bars).filter(([, {holds}]) => !holds);
for (const [key, {value, is, limit}] of missed) {
  console.log(`Missed: ${key}: ${value}, ${is} ${limit} wanted`);
}
printResult('sparse', tf.getBackend(), figures, bars);

function keyOf(name: string, sparsity: number, block: number): string {
  return `${name}, ${percent(sparsity)}${block === 1 ? '' : `, blocks of ${block}`}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

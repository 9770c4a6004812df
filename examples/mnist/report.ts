import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {countMacs, type SensitivityResult, type SparsityReport} from 'tfjs-prune';

import {parameters, type SavedModel} from './measure';
import type {SparseTimes} from './sparse_times';

const PLAIN = {head: [], border: []};

/** Of predictions of so many images at once. */
export interface Time {
  images: number;
  /** Those of the dense and the pruned model. */
  milliseconds: number[];
}

/** Zeros weight by weight. */
export function weightsTable({weights, size, zeros, sparsity}: SparsityReport): string {
  const table = new Table({
    head: ['Weight', 'Shape', 'Weights', 'Zeros', 'Sparsity'],
    style: PLAIN,
  });
  for (const weight of weights) {
    const {name, shape} = weight;
    table.push([name, shape.join(' x '), weight.size, weight.zeros, percent(weight.sparsity)]);
  }
  table.push(['all', '', size, zeros, percent(sparsity)]);
  return `${table}`;
}

/** Accuracy with one layer pruned, layer by layer. */
export function sensitivityTable({layers, baseline}: SensitivityResult): string {
  const shares = layers[0].points.map((point) => `${100 * point.sparsity} %`);
  const table = new Table({head: ['Layer', 'Weights', '0 %', ...shares], style: PLAIN});
  for (const {name, size, points} of layers) {
    table.push([name, size, percent(baseline), ...points.map(({metric}) => percent(metric))]);
  }
  return `${table}`;
}

/** Multiply-accumulates layer by layer, of the dense and the pruned model. */
export function macsTable(models: readonly LayersModel[]): string {
  const table = new Table({head: ['Layer', 'MACs', 'Pruned', 'Left'], style: PLAIN});
  const [dense, pruned] = models.map(countMacs);
  const push = (name: string, before: number, after: number) =>
    table.push([name, count(before), count(after), percent(after / before)]);
  for (const {name, macs} of dense.layers) {
    push(name, macs, pruned.layers.find((layer) => layer.name === name)?.macs ?? 0);
  }
  push('all', dense.macs, pruned.macs);
  return `${table}`;
}

/**
 * The dense and the pruned model side by side.
 *
 * @param accuracies Before they were saved.
 */
export function summaryTable(
  saved: readonly SavedModel[],
  accuracies: readonly number[],
  times: readonly Time[],
): string {
  const table = new Table({head: ['', 'Dense', 'Pruned', 'Dense / pruned'], style: PLAIN});
  const push = (label: string, values: readonly number[], text: (value: number) => string) =>
    table.push([label, ...values.map(text), `${(values[0] / values[1]).toFixed(2)} x`]);
  const reloaded = saved.map(({accuracy}) => percent(accuracy));
  table.push(['Test accuracy', ...accuracies.map(percent), '']);
  table.push(['Test accuracy, reloaded', ...reloaded, '']);
  const of = (value: (model: SavedModel) => number) => saved.map(value);
  push(
    'Parameters',
    of(({model}) => parameters(model)),
    count,
  );
  push(
    'Multiply-accumulates',
    of(({model}) => countMacs(model).macs),
    count,
  );
  push(
    'Weights file',
    of(({bytes}) => bytes.raw),
    kilobytes,
  );
  push(
    'Weights file, gzip -9',
    of(({bytes}) => bytes.gzip),
    kilobytes,
  );
  for (const {images, milliseconds} of times) {
    const label = images === 1 ? 'Time of an image' : `Time of ${images} images`;
    push(label, milliseconds, (value) => `${value.toFixed(2)} ms`);
  }
  return `${table}`;
}

/** What `sparsify` makes of an image's prediction. */
export function sparseLine({dense, sparse}: SparseTimes): string {
  return (
    `On WebAssembly an image takes ${dense.toFixed(3)} ms, and ${sparse.toFixed(3)} ms where ` +
    `sparsify skips the zeros: ${(dense / sparse).toFixed(1)} times as fast.`
  );
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

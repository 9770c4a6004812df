import {concat, dispose, Tensor} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {evenlySpread} from '../base/evenly_spread';
import {picked} from '../data/batches';
import {checkSamples, isDataset} from '../data/samples';
import {type DataName, importModule} from '../workers/data_module';
import {examplesFor, fitsInput} from './input_data';
import type {InputSpec} from './input_spec';

/**
 * Inputs of the data that the ES module at `path` exports, a tensor for each input of a model,
 * which the caller owns. Of more than `most`, the first of a dataset, and some at even
 * distances of tensors. Targets are not looked at, and need not be there.
 *
 * @param names What it may export, the first of those that are there.
 * @param most Examples that are wanted.
 * @throws PruningError where it can't be imported, or exports something else.
 */
export async function importInputs(
  path: string,
  inputs: readonly InputSpec[],
  names: readonly DataName[],
  most: number,
): Promise<Tensor[]> {
  const exported = await importModule(path);
  const name = names.find((each) => exported[each] !== undefined);
  const list = Object.keys(exported).join(', ') || 'nothing';
  if (name === undefined) {
    throw new PruningError(path, `a module that exports one of ${names.join(', ')}`, list);
  }
  const argument = `${path}: ${name}`;
  const samples = exported[name];
  checkSamples(argument, samples, 'inputs');
  if (!isDataset(samples)) {
    return someOf(argument, inputs, samples.x, most);
  }
  const batches: Tensor[][] = [];
  let count = 0;
  const iterator = await samples.iterator();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const batch = next.value as {xs: Tensor};
    // What is not wanted is not kept, and the dataset may be long.
    batches.push(someOf(argument, inputs, batch.xs, most - count));
    dispose(batch);
    count += batches[batches.length - 1][0].shape[0];
    if (count >= most) {
      break;
    }
  }
  check(count > 0, argument, 'at least one example', 'none');
  const all = inputs.map((_, i) => concat(batches.map((batch) => batch[i])));
  dispose(batches);
  return all;
}

/** Copies of at most so many examples for each input, spread over all. */
function someOf(
  argument: string,
  inputs: readonly InputSpec[],
  x: unknown,
  most: number,
): Tensor[] {
  const list = listOf(x, inputs);
  check(list.length === inputs.length, argument, `${inputs.length} inputs`, list.length);
  list.forEach((each, i) => {
    const isTensor = each instanceof Tensor && each.rank > 0;
    const example = isTensor ? (each as Tensor).shape.slice(1) : null;
    const fits = example !== null && fitsInput(example, inputs[i]);
    check(fits, argument, examplesFor(inputs[i]), example ? `[${example}]` : each);
  });
  const tensors = list as Tensor[];
  const all = Math.min(...tensors.map(({shape}) => shape[0]));
  const chosen = evenlySpread(all, Math.min(most, all));
  return tensors.map((each) => picked(each, chosen));
}

function listOf(x: unknown, inputs: readonly InputSpec[]): unknown[] {
  if (x instanceof Tensor) {
    return [x];
  }
  return Array.isArray(x)
    ? x
    : inputs.map(({name}) => (Object(x) as Record<string, unknown>)[name]);
}

import {clone, neg, sub, type Tensor} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

import {interceptCalls} from '../../model/intercept_calls';
import type {LayerUnit} from '../layer_units';

/**
 * Calls `see`, while `run` runs, with what each unit's output would change by
 * without it: −f for a branch that adds f, and x − f(x) for a layer that makes
 * f(x) of x.
 *
 * @param see Returns the output to go on with. What it gets is inside a tidy.
 */
export function watchChanges(
  units: readonly LayerUnit[],
  see: (unit: number, change: Tensor, output: Tensor) => Tensor,
  run: () => void,
): void {
  const begins = byLayer(units.map(({branch, layers: [first]}) => (branch ? undefined : first)));
  const ends = byLayer(units.map(({branch, layers: all}) => (branch ? undefined : all.at(-1))));
  const sums = byLayer(units.map(({branch}) => branch?.sum.outboundLayer));
  const befores = new Map<number, Tensor>();
  interceptCalls(
    new Set([...begins.keys(), ...ends.keys(), ...sums.keys()]),
    (layer, inputs, call) => {
      // Copies, since a model that does not train frees what no other layer reads.
      begins.get(layer)?.forEach((unit) => befores.set(unit, clone([inputs].flat()[0])));
      let given = inputs;
      for (const unit of sums.get(layer) ?? []) {
        const {input} = units[unit].branch!;
        given = (given as Tensor[]).map((x, i) => (i === input ? see(unit, neg(x), x) : x));
      }
      const outputs = call(given);
      return (ends.get(layer) ?? []).reduce<Tensor | Tensor[]>((output, unit) => {
        const [one] = [output].flat();
        return see(unit, sub(befores.get(unit)!, one), one);
      }, outputs);
    },
    run,
  );
}

/** The numbers of the units that have the same layer. */
function byLayer(all: ReadonlyArray<layers.Layer | undefined>): Map<layers.Layer, number[]> {
  const numbers = new Map<layers.Layer, number[]>();
  all.forEach((layer, i) => {
    if (layer) {
      numbers.set(layer, [...(numbers.get(layer) ?? []), i]);
    }
  });
  return numbers;
}

import type {Optimizer, Variable} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {readWeight} from './read_weight';
import {trainedModel} from './trained_model';

/** What an optimizer remembers of one weight, such as its mean gradient. */
interface Slot {
  readonly originalName: string;
  readonly variable: Variable;
}

/**
 * Takes weights out of the training of `model`, which is compiled: the optimizer
 * forgets them and goes on with the others. It keeps its memory in lists without
 * keys, in the order of the weights: it is only known to which weight a place
 * belongs if there are as many. If not, it starts afresh with all.
 */
export function stopTraining(model: LayersModel, weights: readonly LayerVariable[]): void {
  const gone = new Set(weights);
  const trained = Reflect.get(model, 'collectedTrainableWeights') as LayerVariable[];
  const places = [...new Set(trained)].filter((weight) => readWeight(weight).trainable);
  for (const slots of slotsOf(model.optimizer)) {
    const isKnown = slots.length === places.length;
    const kept = isKnown ? slots.filter((_, i) => !gone.has(places[i])) : [];
    slots.filter((slot) => !kept.includes(slot)).forEach(({variable}) => variable.dispose());
    slots.splice(0, slots.length, ...kept);
  }
  Reflect.set(
    model,
    'collectedTrainableWeights',
    trained.filter((weight) => !gone.has(weight)),
  );
}

/** Takes into the training of `model` all weights that it trains now, as `compile` does. */
export function startTraining(model: LayersModel): void {
  const trained = trainedModel(model);
  Reflect.set(trained, 'collectedTrainableWeights', trained.trainableWeights);
}

function slotsOf(optimizer: Optimizer): Slot[][] {
  const lists = Object.values(optimizer).filter((value): value is unknown[] =>
    Array.isArray(value),
  );
  const isSlot = (value: unknown) => Reflect.has(Object(value) as object, 'originalName');
  return lists.filter((list): list is Slot[] => list.length > 0 && list.every(isSlot));
}

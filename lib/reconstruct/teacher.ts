import type {Tensor} from '@tensorflow/tfjs-core';
import {LayersModel, type LayerVariable} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {checkModel} from '../model/check_model';
import {namedLayers, weightsOf} from '../model/layer_tree';
import {readWeight} from '../model/read_weight';
import type {DenseWeights} from './layer_site';

/** A copy of weights at one moment, as `snapshotWeights` returns. */
export interface TeacherWeights {
  /** The copies, by the variables of the pruned model. */
  readonly weights: ReadonlyMap<LayerVariable, Tensor>;
}

/**
 * The dense model: another one of the same topology, or a snapshot of the weights before
 * pruning.
 */
export type Teacher = LayersModel | TeacherWeights;

/**
 * The weights that `teacher` has for the variables of `model`. Not copied.
 *
 * @throws PruningError for a teacher of another topology, and for a snapshot of another model.
 */
export function denseWeightsOf(model: LayersModel, teacher: Teacher): DenseWeights {
  const own = [...new Set(weightsOf(model))];
  const {weights: snapshot} = (teacher ?? {}) as Partial<TeacherWeights>;
  if (!(teacher instanceof LayersModel) && snapshot instanceof Map) {
    const missing = own.find((variable) => !snapshot.has(variable));
    if (missing !== undefined) {
      throw new PruningError('teacher', 'a snapshot of this model', `none of '${missing.name}'`);
    }
    return new Map(own.map((variable) => [variable, snapshot.get(variable) as Tensor]));
  }
  checkModel(teacher, 'teacher');
  check(teacher !== model, 'teacher', 'the dense model, not the pruned one', 'the same model');
  checkTopology(model, teacher);
  const others = [...new Set(layerOrder(teacher))];
  return new Map(
    [...new Set(layerOrder(model))].map((variable, i) => [variable, readWeight(others[i])]),
  );
}

/** The weights of a model in the order of its layers, whatever they are called. */
function layerOrder(model: LayersModel): LayerVariable[] {
  return model.layers.flatMap((layer) =>
    layer instanceof LayersModel ? layerOrder(layer) : weightsOf(layer),
  );
}

function checkTopology(model: LayersModel, teacher: LayersModel): void {
  const expected = 'a model of the same topology';
  const [own, others] = [model, teacher].map((each) => [...new Set(layerOrder(each))]);
  const shapes = (variables: readonly LayerVariable[]) =>
    variables.map(({shape}) => `[${shape}]`).join(' ');
  check(shapes(own) === shapes(others), 'teacher', expected, `weights of ${shapes(others)}`);
  const isSame = canonical(model) === canonical(teacher);
  check(isSame, 'teacher', expected, `'${teacher.name}', whose layers are others`);
}

/** What makes no difference between two models that are to give the same. */
const IGNORED = /initializer|regularizer|constraint|^trainable$|^dtype$|batch_?input_?shape/i;

/** The configuration of a model without what layers are called. */
function canonical(model: LayersModel): string {
  const numbers = new Map(
    [model.name, ...namedLayers(model).map(({layer}) => layer.name)].map((name, i) => [
      name,
      `#${i}`,
    ]),
  );
  const replace = (key: string, value: unknown): unknown => {
    if (IGNORED.test(key)) {
      return undefined;
    }
    return typeof value === 'string' ? (numbers.get(value) ?? value) : value;
  };
  return JSON.stringify(model.getConfig(), replace);
}

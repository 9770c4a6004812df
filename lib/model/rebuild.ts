import {type Tensor, tidy} from '@tensorflow/tfjs-core';
import {LayersModel, type LayerVariable, Sequential} from '@tensorflow/tfjs-layers';

import {PruningError} from '../base/errors';
import type {LayerConfig} from './layer_tree';
import {visitConfigs, weightPairs, weightsOf} from './layer_tree';
import {partsOf} from './layer_walk';
import {readWeight} from './read_weight';

type Layer = LayersModel['layers'][number];

/** How a model differs from the one that it is made from. */
export interface Changes {
  /** Changes the configuration, a copy, in place. */
  edit: (config: LayerConfig) => void;
  /** A weight as it is to be, by what it is in the old model. Called inside a `tidy`. */
  weightOf: (variable: LayerVariable) => Tensor;
}

/** A new model like `model` but for `changes`, with the weights of the layers of the same names. */
export function rebuild<T extends LayersModel>(model: T, {edit, weightOf}: Changes): T {
  // A copy, since a configuration shares arrays with its layer.
  const config = JSON.parse(JSON.stringify(model.getConfig())) as LayerConfig;
  visitConfigs(model, config, completeConfig);
  edit(config);
  const made = fromConfig(model, config);
  try {
    copyTrainable(model, made);
    for (const [source, target] of weightPairs(model, made)) {
      tidy(() => {
        readWeight(target).assign(weightOf(source));
      });
      target.trainable = source.trainable;
    }
  } catch (cause) {
    disposeModel(made);
    throw cause;
  }
  return made as T;
}

/** Frees a model that is no longer needed; its own `dispose` misses layers that are shared. */
export function disposeModel(model: LayersModel): void {
  model.optimizer?.dispose();
  new Set(weightsOf(model)).forEach((variable) => variable.dispose());
}

/** Puts right what tfjs-layers 4.22 leaves out of a configuration, or gets wrong. */
function completeConfig(layer: Layer, config: LayerConfig): void {
  if (layer.getClassName() === 'SeparableConv2D') {
    config.depthMultiplier = Reflect.get(layer, 'depthMultiplier');
  }
  if (layer.getClassName() === 'DepthwiseConv2D') {
    const constraint = Reflect.get(layer, 'depthwiseConstraint') as {
      getClassName(): string;
      getConfig(): LayerConfig;
    } | null;
    config.depthwiseConstraint = constraint && {
      className: constraint.getClassName(),
      config: constraint.getConfig(),
    };
  }
}

function fromConfig(model: LayersModel, config: LayerConfig): LayersModel {
  const type = model instanceof Sequential ? Sequential : LayersModel;
  try {
    return type.fromConfig<LayersModel>(type, config as never, {}, true);
  } catch (cause) {
    throw new PruningError('model', 'a model that its own configuration can make again', cause, {
      cause,
    });
  }
}

/** Which layers are trainable is not in the configuration of a nested model. */
function copyTrainable(from: Layer, to: Layer): void {
  if (from instanceof LayersModel && !from.trainable) {
    to.trainable = false;
  }
  const targets = new Map(partsOf(to).map((part) => [part.name, part]));
  for (const part of partsOf(from)) {
    const target = targets.get(part.name);
    if (target) {
      copyTrainable(part, target);
    }
  }
}

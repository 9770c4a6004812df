import {add, div, mul, ones, reshape, sqrt, sub, tidy, zerosLike} from '@tensorflow/tfjs-core';
import {type layers, LayersModel, type LayerVariable} from '@tensorflow/tfjs-layers';

import {readersOf} from '../layers/branches';
import {forgetRemovedLayers, removeLayer} from '../layers/remove_layer';
import {checkModel} from '../model/check_model';
import {takeOver} from '../model/copy_compilation';
import {activationOf, axesOf, channelAxis, epsilonOf} from '../model/layer_settings';
import {nodesOf, visitConfigs} from '../model/layer_tree';
import {weight} from '../model/layer_weights';
import {isBatchNormalization} from '../model/normalization';
import {readWeight} from '../model/read_weight';
import {disposeModel, rebuild} from '../model/rebuild';
import {effectiveWeight, valuesOf} from '../projection/effective_weight';
import {withoutIdleLayers} from './smaller_model';

type Layer = layers.Layer;

/**
 * Returns a model for prediction, in which each batch normalization is merged into the
 * layer before it. Gamma and the moving variance scale the kernel, and beta and the
 * moving mean become the bias. The outputs are the same up to rounding, with fewer
 * layers. It folds each normalization after a dense layer or a convolution of any kind,
 * if that layer has no activation and nothing else reads it.
 *
 * If you train the new model further, it no longer normalizes. `model` does not change.
 * If it is compiled, the new model is too, with a fresh optimizer.
 *
 * @param model Any `tf.sequential` or `tf.model`, nested ones included. `shrink` it
 *   first.
 * @returns The new model. The caller owns it.
 * @throws PruningError for a value that is not a LayersModel.
 * @example
 * const fast = foldNormalization(await shrink(model));
 * await fast.save('downloads://fast');
 */
export function foldNormalization<T extends LayersModel>(model: T): T {
  checkModel(model);
  const makers = new Set(foldsIn(model).map(({maker}) => maker));
  const copy = rebuild(model, {
    edit: (config) =>
      visitConfigs(model, config, (layer, own) => {
        own.useBias = makers.has(layer) ? true : own.useBias;
      }),
    weightOf: effectiveWeight,
  });
  try {
    foldsIn(copy).forEach(fold);
    const made = withoutIdleLayers(copy, new Map());
    takeOver(model, made);
    return made;
  } finally {
    forgetRemovedLayers(copy);
    disposeModel(copy);
  }
}

/** A normalization that can be part of the layer that it reads. */
interface Fold {
  readonly maker: Layer;
  readonly normalization: Layer;
}

/** Layer class → the weight that makes its channels. */
const KERNELS: Readonly<Record<string, string>> = {
  Dense: 'kernel',
  Conv1D: 'kernel',
  Conv2D: 'kernel',
  Conv2DTranspose: 'kernel',
  DepthwiseConv2D: 'depthwiseKernel',
  SeparableConv2D: 'pointwiseKernel',
};

function foldsIn(model: LayersModel, known = new Set<LayersModel>()): Fold[] {
  const nodes = nodesOf(model);
  const readers = readersOf(nodes);
  const outputs = new Set(model.outputs.map(({id}) => id));
  known.add(model);
  return nodes.flatMap(({outboundLayer, inputTensors: [x]}) => {
    if (outboundLayer instanceof LayersModel) {
      return known.has(outboundLayer) ? [] : foldsIn(outboundLayer, known);
    }
    const isAlone = !outputs.has(x?.id) && readers.get(x?.id)?.length === 1;
    const fold = {maker: x?.sourceLayer, normalization: outboundLayer};
    return isAlone && canFold(fold, x.shape.length) ? [fold] : [];
  });
}

function canFold({maker, normalization}: Fold, rank: number): boolean {
  const last = rank - 1;
  return (
    isBatchNormalization(normalization) &&
    axesOf(normalization, rank).every((axis) => axis === last) &&
    maker.getClassName() in KERNELS &&
    channelAxis(maker, rank) === last &&
    (activationOf(maker)?.getClassName() ?? 'linear') === 'linear' &&
    [maker, normalization].every(({inboundNodes}) => inboundNodes.length === 1)
  );
}

/** Writes the normalization into the weights of the layer before it, which has a bias. */
function fold({maker, normalization}: Fold): void {
  const kernel = weight(maker, KERNELS[maker.getClassName()]) as LayerVariable;
  const bias = weight(maker, 'bias') as LayerVariable;
  tidy(() => {
    const mean = valuesOf(weight(normalization, 'movingMean'))!;
    const variance = valuesOf(weight(normalization, 'movingVariance'))!;
    const gamma = valuesOf(weight(normalization, 'gamma')) ?? ones(mean.shape);
    const beta = valuesOf(weight(normalization, 'beta')) ?? zerosLike(mean);
    const scale = div(gamma, sqrt(add(variance, epsilonOf(normalization))));
    const scales = reshape(scale, scaleShape(maker, kernel));
    readWeight(kernel).assign(mul(effectiveWeight(kernel), scales));
    readWeight(bias).assign(add(mul(sub(effectiveWeight(bias), mean), scale), beta));
  });
  removeLayer(normalization);
}

/** A number for each channel, in a shape in which it multiplies the channel's part of the kernel. */
function scaleShape(maker: Layer, {shape}: LayerVariable): number[] {
  switch (maker.getClassName()) {
    case 'DepthwiseConv2D':
      return shape.slice(2) as number[];
    case 'Conv2DTranspose':
      return [shape[shape.length - 2] as number, 1];
    default:
      return [shape[shape.length - 1] as number];
  }
}

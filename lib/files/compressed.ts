import {io} from '@tensorflow/tfjs-core';

import {check, checkChoice, checkOptions} from '../base/check';
import {checkTopology} from '../model/check_topology';
import {sensitiveWeights} from '../model/sensitive_weights';
import {checkWeightBytes} from './artifacts/weight_bytes';
import {totalBytes, weightChunks} from './artifacts/weight_chunks';
import type {LayoutArgs} from './layout';
import type {LocalFiles} from './local_files';
import {pack} from './packed/pack';
import {checkQuantize, hasCodebook, treatmentOf, type Quantize} from './quantize/quantization';
import {quantizedWeights, storedWeights, type StoredWeights} from './quantize/stored_weights';
import {targetOf} from './target';

/** Options of `compressed`; those of the layout are for files of `'tfjs'` on Node. */
export interface CompressedArgs extends LayoutArgs {
  /**
   * `'tfjs'`: the files that tfjs itself saves, smaller by `quantize`; any
   * `tf.loadLayersModel(url)` reads them. `'packed'`: one file, several times
   * smaller, which `tfjs-prune/load` reads. Default: `'tfjs'`.
   */
  format?: 'tfjs' | 'packed';
  /**
   * How weights of floats are rounded when saved: `'float16'`; `'uint8'` or
   * `'uint16'`, at most half a step of their range off; or, packed,
   * `{clusters: 16}`, values shared by k-means. Zeros stay exactly zero. Only
   * kernels are rounded so: vectors (biases, statistics of normalization) and
   * depthwise kernels become `'float16'`, and float32 stays where numbers are
   * beyond that. With `'uint8'` and `{clusters}` vectors use five bits of the
   * mantissa, at most 1.6 % off, or more where that is not enough, and depthwise
   * kernels a step for each channel. A map from patterns of weights' names, such as
   * `'dense*kernel'`, to these and `false` rounds whatever matches, and the first
   * pattern that matches counts. So `{'*': 'uint8'}` rounds all, and `{}` nothing.
   * Weights that are quantized already are quantized again only where this is given.
   * Default: `'float16'` in the format `'tfjs'`, `{}` in `'packed'`.
   */
  quantize?: Quantize;
  /** Called while loading, with the share that has come in, at last 1. */
  onProgress?: (fraction: number) => void;
}

/** Makes a handler that saves and loads compressed models. */
export type Compressed = (target: string | io.IOHandler, args?: CompressedArgs) => io.IOHandler;

const OPTIONS = ['format', 'quantize', 'onProgress', 'shardBytes', 'precompress'];
/** Of what is saved; named in errors. */
const NAME = 'artifacts';

/**
 * Makes `compressed`, see there.
 *
 * @param files How local files are reached; absent in browsers.
 */
export function makeCompressed(files?: LocalFiles): Compressed {
  return (target, args = {}) => {
    const save = makeSave(files)(target, args);
    const {format = 'tfjs', onProgress = () => {}, shardBytes, precompress} = args;
    const store = targetOf(target, {shardBytes, precompress}, files);
    return {
      save: async (artifacts) => save(artifacts, weightsOf(artifacts)),
      load: async () => {
        const name = typeof target === 'string' ? target : NAME;
        const isPacked = format === 'packed';
        return checked(name, await (isPacked ? store.loadPacked : store.load)(onProgress));
      },
    };
  };
}

/** `artifacts`, of which tfjs can make a model, and the weights are those that are listed. */
function checked(name: string, artifacts: io.ModelArtifacts): io.ModelArtifacts {
  const {modelTopology, weightSpecs = [], weightData} = artifacts;
  checkTopology(name, modelTopology);
  if (weightData !== undefined) {
    checkWeightBytes(name, name, weightSpecs, weightChunks(name, weightData));
  }
  return artifacts;
}

/** Saves a model whose weights are taken one at a time, as it's written. */
export type Save = (artifacts: io.ModelArtifacts, weights: StoredWeights) => Promise<io.SaveResult>;

/** The saving half of `makeCompressed`, for weights that are not all in memory. */
export function makeSave(
  files?: LocalFiles,
): (target: string | io.IOHandler, args?: CompressedArgs) => Save {
  return (target, args = {}) => {
    checkArgs(args);
    const {format = 'tfjs', shardBytes, precompress} = args;
    const {quantize = format === 'tfjs' ? 'float16' : {}} = args;
    const store = targetOf(target, {shardBytes, precompress}, files);
    return async (artifacts, weights) => {
      const treatment = treatmentOf(quantize, {
        specs: artifacts.weightSpecs ?? [],
        sensitive: sensitiveWeights(NAME, artifacts),
        // What is asked for is done; only the default leaves quantized weights alone.
        again: args.quantize !== undefined,
      });
      const rounded = quantizedWeights(weights, treatment);
      if (format === 'tfjs') {
        return store.save(artifacts, rounded);
      }
      const modelArtifactsInfo = io.getModelArtifactsInfoForJSON(artifacts);
      const parts = await pack(artifacts, rounded);
      const result = await store.savePacked(parts);
      return {
        ...result,
        modelArtifactsInfo: {...modelArtifactsInfo, weightDataBytes: totalBytes(parts)},
      };
    };
  };
}

function checkArgs(args: CompressedArgs): void {
  checkOptions('compressed', args, OPTIONS);
  const {format = 'tfjs', quantize, onProgress, shardBytes, precompress} = args;
  checkChoice('format', format, ['tfjs', 'packed']);
  checkQuantize(quantize);
  const isFunction = onProgress === undefined || typeof onProgress === 'function';
  check(isFunction, 'onProgress', 'a function', onProgress);
  if (format === 'tfjs') {
    check(!hasCodebook(quantize), 'quantize', "clusters with the format 'packed' only", quantize);
  } else {
    check(shardBytes === undefined, 'shardBytes', "the format 'tfjs' for shards", shardBytes);
    check(precompress === undefined, 'precompress', "the format 'tfjs'", precompress);
  }
}

/** The weights of `artifacts`. */
function weightsOf({weightSpecs = [], weightData}: io.ModelArtifacts): StoredWeights {
  const chunks = weightChunks(NAME, weightData);
  checkWeightBytes(NAME, NAME, weightSpecs, chunks);
  return storedWeights(NAME, weightSpecs, chunks);
}

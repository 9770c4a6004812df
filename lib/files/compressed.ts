import {io} from '@tensorflow/tfjs-core';

import {check, checkChoice, checkOptions} from '../base/check';
import {checkTopology} from '../model/check_topology';
import {sensitiveWeights} from '../model/sensitive_weights';
import {checkWeightBytes} from './artifacts/weight_bytes';
import {totalBytes, weightChunks} from './artifacts/weight_chunks';
import {type FileFormat, formatOf} from './format_of';
import type {LayoutArgs} from './layout';
import type {LocalFiles} from './local_files';
import {pack} from './packed/pack';
import {checkQuantize, hasCodebook, treatmentOf, type Quantize} from './quantize/quantization';
import {quantizedWeights, storedWeights, type StoredWeights} from './quantize/stored_weights';
import {targetOf} from './target';

/** Options of `compressed`. The options of the layout apply to the format `'tfjs'` on Node. */
export interface CompressedArgs extends LayoutArgs {
  /**
   * `'tfjs'`: the files that tfjs itself saves, made smaller by `quantize`; any
   * `tf.loadLayersModel(url)` reads them. `'packed'`: one file, several times smaller,
   * which `tfjs-prune/load` reads. Default: `'packed'` if the target's name ends with
   * `.tfpack`, otherwise `'tfjs'`.
   */
  format?: FileFormat;
  /**
   * How to round float weights when saving. `'float16'` halves the bytes. `'uint8'` and
   * `'uint16'` are off by at most half a step of the weight's range. `{clusters: 16}`, in
   * packed files only, lets a weight share 16 values found by k-means. Zeros stay exactly
   * zero.
   *
   * Only kernels are rounded this way. Vectors (biases, statistics of normalization) and
   * depthwise kernels become `'float16'`, or stay float32 if a number is too large. With
   * `'uint8'` or `{clusters}`, vectors keep five bits of the mantissa (at most 1.6 % off),
   * or more where needed, and depthwise kernels are rounded with one step per channel.
   *
   * To choose by name, pass a map from patterns of weight names, such as
   * `'dense*kernel'`, to these values or `false`. The first pattern that matches counts,
   * and it rounds whatever it matches: `{'*': 'uint8'}` rounds all weights, and `{}`
   * none. Weights that are already quantized are quantized again only if this option is
   * given. Default: `'float16'` in the format `'tfjs'`, `{}` in `'packed'`.
   */
  quantize?: Quantize;
  /** Called while loading, with the share that has been loaded; the last call has 1. */
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
    const {format = formatOf(target), onProgress = () => {}, shardBytes, precompress} = args;
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
    checkArgs(target, args);
    const {format = formatOf(target), shardBytes, precompress} = args;
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

function checkArgs(target: unknown, args: CompressedArgs): void {
  checkOptions('compressed', args, OPTIONS);
  const named = formatOf(target);
  const {format = named, quantize, onProgress, shardBytes, precompress} = args;
  checkChoice('format', format, ['tfjs', 'packed']);
  check(
    format === 'packed' || named === 'tfjs',
    'format',
    "'packed' for a name that ends with .tfpack",
    format,
  );
  checkQuantize(quantize);
  const isFunction = onProgress === undefined || typeof onProgress === 'function';
  check(isFunction, 'onProgress', 'a function', onProgress);
  if (format === 'tfjs') {
    check(!hasCodebook(quantize), 'quantize', "clusters with the format 'packed' only", quantize);
  } else {
    check(shardBytes === undefined, 'shardBytes', "none in the format 'packed'", shardBytes);
    check(precompress === undefined, 'precompress', "none in the format 'packed'", precompress);
  }
}

/** The weights of `artifacts`. */
function weightsOf({weightSpecs = [], weightData}: io.ModelArtifacts): StoredWeights {
  const chunks = weightChunks(NAME, weightData);
  checkWeightBytes(NAME, NAME, weightSpecs, chunks);
  return storedWeights(NAME, weightSpecs, chunks);
}

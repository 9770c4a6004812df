import {open, readdir, stat} from 'node:fs/promises';

import {dispose, type io} from '@tensorflow/tfjs-core';
import {loadLayersModel, type LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {weightBytes} from '../files/artifacts/weight_bytes';
import {weightChunks} from '../files/artifacts/weight_chunks';
import {makeSave} from '../files/compressed';
import {formatOf} from '../files/format_of';
import {compressed, type CompressedArgs} from '../files/io';
import {fileError} from '../files/node/file_error';
import {fileSystem} from '../files/node/file_system';
import {localFiles} from '../files/node/local_files';
import {localPath} from '../files/node/local_path';
import {isModelFile} from '../files/node/model_files';
import {openModel} from '../files/node/open_model';
import {Format} from '../files/packed/format';
import {tensorOf} from '../files/quantize/dequantize';
import {storedWeights, type StoredWeights} from '../files/quantize/stored_weights';
import {checkTopology} from '../model/check_topology';
import {withEmptyWeights} from '../model/empty_weights';
import {inPlainMemory} from '../workers/backend';
import {messageOf} from './output';
import {withProgress} from './progress';

/** A model as it is on disk. */
export interface StoredModel {
  path: string;
  format: 'tfjs' | 'packed';
  /** Whether it is one of tfjs-layers, or of tfjs-converter. */
  kind: 'layers' | 'graph';
  /** All but the weights' bytes. */
  artifacts: io.ModelArtifacts;
  /** The weights, one at a time, read anew: together they may be large. */
  weights(): StoredWeights;
  /** The artifacts with all weights, read anew. */
  load(): Promise<io.ModelArtifacts>;
}

/** Where a model goes. */
export interface OutputOptions {
  out: string;
  force?: boolean;
}

/**
 * Reads the model at `path`: a directory, a `model.json`, or a packed file.
 *
 * @throws PruningError where there is none.
 */
export async function readModel(path: string): Promise<StoredModel> {
  const format = (await isPacked(localPath(path))) ? 'packed' : 'tfjs';
  // A directory may have any name.
  const load = (format === 'packed' ? compressed(path, {format}) : fileSystem(path)).load!;
  const {artifacts, weights} =
    format === 'tfjs' ? await openModel(localPath(path)) : await openPacked(path, load);
  return {path, format, kind: kindOf(path, artifacts), artifacts, weights, load};
}

/** A packed model is small, and its weights are not kept. */
async function openPacked(path: string, load: () => Promise<io.ModelArtifacts>) {
  return {
    artifacts: {...(await load()), weightData: undefined},
    weights: async function* () {
      const {weightSpecs = [], weightData} = await load();
      yield* storedWeights(path, weightSpecs, weightChunks(path, weightData));
    },
  };
}

/** The model of tfjs-layers in `stored`, which must be one, with its weights. */
export async function layersModelOf(stored: StoredModel): Promise<LayersModel> {
  const model = await emptyModelOf(stored);
  try {
    for await (const weight of withProgress(
      'Reading',
      stored.artifacts.weightSpecs,
      stored.weights(),
    )) {
      if (weight.spec.group !== 'optimizer') {
        const tensors = tensorOf(weight);
        model.loadWeights(tensors, false);
        dispose(tensors);
      }
    }
    return model;
  } catch (cause) {
    throw notBuilt(stored.path, cause);
  }
}

/**
 * The model of tfjs-layers in `stored`, which must be one, with weights of zeros, which take no
 * memory until they are copied.
 */
export async function emptyModelOf({path, kind, artifacts}: StoredModel): Promise<LayersModel> {
  check(kind === 'layers', path, 'a LayersModel', 'a GraphModel');
  // An optimizer starts anew.
  const weightSpecs = (artifacts.weightSpecs ?? []).filter(({group}) => group !== 'optimizer');
  const bytes = weightSpecs.reduce((sum, spec) => sum + weightBytes(path, spec, [], 0), 0);
  const numbers = weightSpecs.reduce((sum, {shape}) => sum + sizeOf(shape), 0);
  const empty = {...artifacts, weightSpecs, weightData: new ArrayBuffer(bytes)};
  checkTopology(path, artifacts.modelTopology);
  try {
    return await inPlainMemory(() =>
      withEmptyWeights(path, numbers, () => loadLayersModel({load: async () => empty})),
    );
  } catch (cause) {
    throw notBuilt(path, cause);
  }
}

/** Frees the weights of a model. `model.dispose` fails where a nested one is used twice. */
export function freeModel(model: LayersModel): void {
  new Set(model.weights).forEach((weight) => weight.dispose());
}

/** What a user can do something about: a layer of a class of their own, most often. */
function notBuilt(path: string, cause: unknown): PruningError {
  return cause instanceof PruningError
    ? cause
    : new PruningError(path, "a model of tfjs's own layers", messageOf(cause), {cause});
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** What files of models are called: those in a directory, and those of other programs. */
const FOREIGN = /\.(json|h5|hdf5|keras|pb|tflite|onnx|zip|bin|npz)$/i;

/** Throws where `out` is there, unless it may be replaced. Call it before any work. */
export async function checkOutput({out, force = false}: OutputOptions): Promise<void> {
  check(!FOREIGN.test(out), '--out', 'a directory, or a file ending with .tfpack', out);
  if (force) {
    return;
  }
  const path = localPath(out);
  const info = await stat(path).catch(() => null);
  // Also the weights of a model whose model.json is elsewhere would be replaced.
  const isThere = info?.isDirectory()
    ? (await readdir(path).catch(fileError(path, 'a directory that can be read'))).some(isModelFile)
    : info !== null;
  check(!isThere, '--out', 'a new model, or --force to replace it', out);
}

/** Writes a model to `out`, weight by weight, packed where it ends with `.tfpack`. */
export async function writeModel(
  options: OutputOptions,
  {artifacts, weights}: Pick<StoredModel, 'artifacts' | 'weights'>,
  args: CompressedArgs = {},
): Promise<void> {
  const {out} = options;
  const {format = formatOf(out), quantize = {}, ...layout} = args;
  // Another command may have written one since.
  await checkOutput(options);
  await makeSave(localFiles)(out, {format, quantize, ...layout})(
    artifacts,
    withProgress('Writing', artifacts.weightSpecs, weights()),
  );
}

async function isPacked(path: string): Promise<boolean> {
  const info = await stat(path).catch(fileError(path, 'a model'));
  if (info.isDirectory()) {
    return false;
  }
  const file = await open(path).catch(fileError(path, 'a file that can be read'));
  try {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(4), 0, 4);
    return bytesRead === 4 && buffer.readUInt32LE() === Format.MAGIC;
  } finally {
    await file.close();
  }
}

function kindOf(path: string, {format, modelTopology}: io.ModelArtifacts): StoredModel['kind'] {
  const isObject = typeof modelTopology === 'object' && modelTopology !== null;
  check(isObject, path, 'a modelTopology', modelTopology);
  if (format === 'graph-model' || 'node' in modelTopology) {
    return 'graph';
  }
  const isLayers =
    format === 'layers-model' || 'model_config' in modelTopology || 'class_name' in modelTopology;
  check(isLayers, path, 'a LayersModel or a GraphModel', format);
  return 'layers';
}

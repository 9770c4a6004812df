import type {GraphModel} from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import {loadLayersModel, type LayersModel} from '@tensorflow/tfjs-layers';
import {pruneGraph, pruneNow, stripPruning} from 'tfjs-prune';
import {packed} from 'tfjs-prune/load';
import {sparsify} from 'tfjs-prune/sparse';

import type {Comparison, Inspection, OwnOptions} from './api';
import {explained, modelFilesOf} from './explain';
import {imageTensor} from './images';
import {timesOf} from './measure';
import {nodesOf} from './nodes';
import {packedFileOf, sizeOf} from './save';

/** Where the page does not know how large images are, or any size will do. */
const SIDE = 224;
/** Images in a prediction that is timed, at most. */
const TIMED = 8;

type Model = LayersModel | GraphModel;

/** A pruned model as it is in its packed file, where numbers may be rounded. */
interface Pruned {
  model: Model;
  file: File;
}

/** A visitor's model, pruned and compared in the tab. Its files are read again each time. */
export class OwnModel {
  private constructor(
    readonly name: string,
    private readonly files: readonly File[],
    /** As it came. */
    readonly model: Model,
    private pruned: Pruned | null = null,
  ) {}

  /** Reads `files`; throws what is wrong with them in words. */
  static async read(files: readonly File[]): Promise<OwnModel> {
    const {model, weights} = await modelFilesOf(files);
    return new OwnModel(model.name, [model, ...weights], await load(files));
  }

  async inspect(): Promise<Omit<Inspection, 'accuracy'>> {
    const {model} = this;
    const nodes = await nodesOf(model);
    const sum = (key: 'weights' | 'zeros') => nodes.reduce((all, node) => all + node[key], 0);
    return {
      ...(await sizeOf(this.files)),
      name: this.name,
      kind: isGraph(model) ? 'GraphModel' : 'LayersModel',
      parameters: isGraph(model)
        ? Object.values(model.weights).reduce((all, [weight]) => all + weight.size, 0)
        : model.countParams(),
      nodes,
      size: sum('weights'),
      zeros: sum('zeros'),
      image: imageShapeOf(model),
    };
  }

  /** Prunes a copy; with images, the weights that are left are solved for. */
  async prune(
    {images, range, sparsity, scope, numbers}: OwnOptions,
    onProgress: (done: number, all: number) => void,
  ): Promise<Omit<Comparison, 'accuracy'>> {
    const shape = imageShapeOf(this.model);
    if (images.length > 0 && shape === null) {
      throw new Error('This model takes no image. It is pruned without samples: remove them.');
    }
    const x = shape && images.length > 0 ? await imageTensor(images, shape, range) : null;
    try {
      const copy = await load(this.files);
      const args = {
        ...{sparsity, scope},
        ...(x && {
          calibration: {x, batchSize: TIMED},
          onProgress: ({done, total}: {done: number; total: number}) => onProgress(done, total),
        }),
      };
      let file: File;
      try {
        if (isGraph(copy)) {
          await pruneGraph(copy, args);
        } else {
          await pruneNow(copy, args);
          stripPruning(copy);
        }
        file = await packedFileOf(
          copy,
          `${this.name.replace(/\.(json|tfpack)$/, '')}-pruned`,
          numbers,
        );
      } finally {
        copy.dispose();
      }
      const pruned = {model: await load([file]), file};
      this.pruned?.model.dispose();
      this.pruned = pruned;
      return await this.compare(pruned, x);
    } finally {
      x?.dispose();
    }
  }

  /** The pruned model, and its one file. */
  get result(): Pruned {
    if (this.pruned === null) {
      throw new Error('Prune the model first.');
    }
    return this.pruned;
  }

  dispose(): void {
    this.model.dispose();
    this.pruned?.model.dispose();
  }

  private async compare(
    {model: pruned, file}: Pruned,
    x: tf.Tensor | null,
  ): Promise<Omit<Comparison, 'accuracy'>> {
    const {model} = this;
    const sparse = tf.getBackend() === 'wasm' ? await sparsify(pruned) : null;
    try {
      const input = x ? tf.slice(x, 0, Math.min(TIMED, x.shape[0])) : anyInput(model);
      const [before, after] = input
        ? await timesOf([() => predict(model, input), () => predict(pruned, input)])
        : [NaN, NaN];
      input?.dispose();
      const [nodes, ownNodes] = [await nodesOf(pruned), await nodesOf(model)];
      return {
        before: {
          download: (await sizeOf(this.files)).gzip,
          sparsity: sparsityOf(ownNodes),
          milliseconds: before,
        },
        after: {
          download: file.size,
          sparsity: sparsityOf(nodes),
          milliseconds: after,
        },
        nodes,
        images: x?.shape[0] ?? 0,
        isReconstructed: x !== null,
        isSparse: sparse !== null && sparse.layers.some(({kernel}) => kernel !== 'dense'),
        ...(await likeness(model, pruned, x)),
      };
    } finally {
      sparse?.dispose();
    }
  }
}

function isGraph(model: Model): model is GraphModel {
  return 'executeAsync' in model;
}

async function load(files: readonly File[]): Promise<Model> {
  const {model: file, weights} = await modelFilesOf(files);
  try {
    const handler = file.name.endsWith('.tfpack')
      ? packed(file)
      : tf.io.browserFiles([file, ...weights]);
    const artifacts = await handler.load!();
    const memory = tf.io.fromMemory(artifacts);
    if (artifacts.format === 'graph-model') {
      const {loadGraphModel} = await import('@tensorflow/tfjs-converter');
      return await loadGraphModel(memory);
    }
    return await loadLayersModel(memory);
  } catch (error) {
    throw explained(error, file);
  }
}

/** Height, width and colors of the images that `model` takes; `null` where it takes none. */
function imageShapeOf({inputs}: Model): [number, number, number] | null {
  const [{shape}] = inputs;
  if (inputs.length !== 1 || shape?.length !== 4) {
    return null;
  }
  const [, height, width, colors] = shape.map((size) => (size && size > 0 ? size : null));
  return colors === 1 || colors === 3 ? [height ?? SIDE, width ?? SIDE, colors] : null;
}

/** One sample of ones for a model of one input; `null` for others, which are not timed. */
function anyInput({inputs}: Model): tf.Tensor | null {
  const [{shape, dtype}] = inputs;
  return inputs.length === 1 && shape
    ? tf.ones([1, ...shape.slice(1).map((size) => (size && size > 0 ? size : SIDE))], dtype)
    : null;
}

async function predict(model: Model, input: tf.Tensor): Promise<tf.Tensor | tf.Tensor[]> {
  if (!isGraph(model)) {
    return model.predict(input, {batchSize: TIMED});
  }
  try {
    return model.execute(input);
  } catch (error) {
    // A graph of control flow says so; `executeAsync` would warn of every other graph.
    if (error instanceof Error && error.message.includes('executeAsync')) {
      return model.executeAsync(input);
    }
    throw error;
  }
}

async function likeness(
  model: Model,
  pruned: Model,
  x: tf.Tensor | null,
): Promise<Pick<Comparison, 'sameAnswer' | 'difference'>> {
  if (x === null) {
    return {sameAnswer: null, difference: null};
  }
  let [same, error, power, seen] = [0, 0, 0, 0];
  let hasClasses = true;
  for (let begin = 0; begin < x.shape[0]; begin += TIMED) {
    const batch = tf.slice(x, begin, Math.min(TIMED, x.shape[0] - begin));
    const outputs = [await predict(model, batch), await predict(pruned, batch)];
    const [one, two] = outputs.map((output) => [output].flat()[0]);
    hasClasses &&= one.rank === 2 && one.shape[1]! > 1;
    const found = tf.tidy(() => {
      const difference = tf.sum(tf.squaredDifference(one, two));
      const all = tf.sum(tf.square(one));
      const equal = hasClasses
        ? tf.sum(tf.cast(tf.equal(tf.argMax(one, -1), tf.argMax(two, -1)), 'float32'))
        : tf.scalar(0);
      return tf.stack([difference, all, equal]);
    });
    const [difference, all, equal] = await found.data();
    [error, power, same] = [error + difference, power + all, same + equal];
    seen += batch.shape[0];
    tf.dispose([batch, found, ...outputs.flat()]);
  }
  return {
    sameAnswer: hasClasses ? same / seen : null,
    difference: Math.sqrt(error / (power || 1)),
  };
}

function sparsityOf(nodes: readonly {weights: number; zeros: number}[]): number {
  const sum = (key: 'weights' | 'zeros') => nodes.reduce((all, node) => all + node[key], 0);
  return sum('zeros') / Math.max(1, sum('weights'));
}

import type {GraphModel} from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import {loadLayersModel, type LayersModel} from '@tensorflow/tfjs-layers';
import {pruneGraph, pruneNow, stripPruning} from 'tfjs-prune';
import {packed} from 'tfjs-prune/load';
import {sparsify} from 'tfjs-prune/sparse';

import {MOST_IMAGES, type Comparison, type Inspection, type OwnOptions, type Taken} from './api';
import {explained, isPacked, modelFilesOf} from './explain';
import {evenly, imageTensor, readImages} from './images';
import {timesOf} from './measure';
import {nodesOf} from './nodes';
import {packedFileOf, sizeOf} from './save';

/** Where the page does not know how large images are, or any size will do. */
const SIDE = 224;
/** Images in a prediction, where the model takes any number. */
const BATCH = 8;

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
    private images: readonly Uint8ClampedArray[] = [],
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

  /** Takes sample images in place of those before, unless none can be read. */
  async takeImages(files: readonly File[]): Promise<Taken> {
    const shape = imageShapeOf(this.model);
    if (shape === null) {
      throw new Error('This model does not take an image. It is pruned without samples.');
    }
    const {images, refused} = await readImages(evenly(files, MOST_IMAGES), shape);
    if (images.length > 0) {
      this.images = images;
    }
    return {taken: images.length, refused};
  }

  /** Prunes a copy; with images, the weights that are left are solved for. */
  async prune(
    {range, sparsity, scope, numbers}: OwnOptions,
    onProgress: (done: number, all: number) => void,
  ): Promise<Omit<Comparison, 'accuracy'>> {
    const x = this.samples(range);
    const batchSize = batchOf(this.model) ?? BATCH;
    try {
      const copy = await load(this.files);
      const args = {
        ...{sparsity, scope},
        ...(x && {
          calibration: {x, batchSize},
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
          `${this.name.replace(/\.(json|tfpack)$/i, '')}-pruned`,
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

  /** The images as the model takes them, in whole batches; `null` where there are none. */
  private samples(range: OwnOptions['range']): tf.Tensor4D | null {
    const {model, images} = this;
    const shape = imageShapeOf(model);
    if (shape === null || images.length === 0) {
      return null;
    }
    const batch = batchOf(model) ?? 1;
    const whole = images.length - (images.length % batch);
    if (whole === 0) {
      throw new Error(`This model takes ${batch} images at a time. Give at least as many.`);
    }
    const x = imageTensor(images.slice(0, whole), shape, range);
    const cast = tf.cast(x, model.inputs[0].dtype);
    x.dispose();
    return cast;
  }

  private async compare(
    {model: pruned, file}: Pruned,
    x: tf.Tensor | null,
  ): Promise<Omit<Comparison, 'accuracy'>> {
    const {model} = this;
    const batch = batchOf(model) ?? BATCH;
    const sparse = tf.getBackend() === 'wasm' ? await sparsify(pruned) : null;
    try {
      const input = x ? tf.slice(x, 0, Math.min(batch, x.shape[0])) : anyInput(model);
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
  const own = await modelFilesOf(files);
  const {model: file, weights} = own;
  try {
    const handler = isPacked(file) ? packed(file) : tf.io.browserFiles([file, ...weights]);
    const artifacts = await handler.load!();
    const memory = tf.io.fromMemory(artifacts);
    if (artifacts.format === 'graph-model') {
      const {loadGraphModel} = await import('@tensorflow/tfjs-converter');
      return await loadGraphModel(memory);
    }
    return await loadLayersModel(memory);
  } catch (error) {
    throw explained(error, own);
  }
}

/** Height, width and colors of the images that `model` takes; `null` where it takes none. */
function imageShapeOf({inputs}: Model): [number, number, number] | null {
  const shape = inputs[0]?.shape;
  if (inputs.length !== 1 || shape?.length !== 4) {
    return null;
  }
  const [, height, width, colors] = shape.map((size) => (size && size > 0 ? size : null));
  return colors === 1 || colors === 3 ? [height ?? SIDE, width ?? SIDE, colors] : null;
}

/** How many samples `model` takes at a time; `null` for any number. */
function batchOf({inputs}: Model): number | null {
  const [size] = inputs[0]?.shape ?? [];
  return size && size > 0 ? size : null;
}

/** Samples of ones for a model of one input; `null` for others, which are not timed. */
function anyInput({inputs}: Model): tf.Tensor | null {
  const [input] = inputs;
  return inputs.length === 1 && input.shape
    ? tf.ones(
        input.shape.map((size, axis) => (size && size > 0 ? size : axis === 0 ? 1 : SIDE)),
        input.dtype,
      )
    : null;
}

async function predict(model: Model, input: tf.Tensor): Promise<tf.Tensor | tf.Tensor[]> {
  if (!isGraph(model)) {
    return model.predict(input, {batchSize: batchOf(model) ?? BATCH});
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
  const size = batchOf(model) ?? BATCH;
  for (let begin = 0; begin < x.shape[0]; begin += size) {
    const batch = tf.slice(x, begin, Math.min(size, x.shape[0] - begin));
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

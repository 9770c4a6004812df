import * as tf from '@tensorflow/tfjs-core';
import {loadLayersModel, type LayersModel} from '@tensorflow/tfjs-layers';
import {pruneNow, stripPruning} from 'tfjs-prune';
import {packed} from 'tfjs-prune/load';
import {sparsify} from 'tfjs-prune/sparse';

import {
  DOWNLOADS,
  TIMED_IMAGES,
  type Answer,
  type BackendNotes,
  type Comparison,
  type DigitImage,
  type DownloadName,
  type Facts,
  type FileSizes,
  type Inspection,
  type Look,
  type Memory,
  type OwnOptions,
  type Point,
  type Taken,
  type TrainOptions,
  type TrainResult,
} from './api';
import {backendNotes, hasBackend, onBackend, startBackend} from './backend';
import {anyDigit, digitFiles, digitTensors, loadDigits, type Digits} from './digits';
import {lookAt} from './look';
import {accuracyOf, answersTo, copyOf, factsOf, timesOf} from './measure';
import {OwnModel} from './own_model';
import {filesOf, packedFileOf, sizeOf} from './save';
import {freshModel, train, type Trained} from './train';

const PRUNING = 'Your model is being pruned.';

/** What was trained last. */
interface Result extends Trained {
  name: string;
  /** The pruned model in one file. */
  file: File;
  /** Ends the sparse predictions of the pruned model; `null` where they are none. */
  sparse: {dispose(): void} | null;
}

/**
 * All that computes. It lives in a worker, so that the page never waits for it.
 * What was trained last can be used while the next one trains.
 */
export class Lab {
  private digits!: {train: Digits; test: Digits};
  private trained: Result | null = null;
  private own: OwnModel | null = null;
  private isStopped = false;
  /** What goes on and must not be disturbed, in words. */
  private task: string | null = null;

  /** Loads the digits. */
  async open(digitsUrl: string): Promise<BackendNotes> {
    this.digits = await loadDigits(digitsUrl);
    return backendNotes();
  }

  /** How a model looks that has not been trained. */
  async untrained(options: TrainOptions): Promise<Look> {
    await startBackend(options.backend);
    return onBackend(async () => {
      const model = freshModel(options.model);
      try {
        return await lookAt(model);
      } finally {
        model.dispose();
      }
    });
  }

  /** Trains and prunes; `null` if it was stopped, and then what was there stays. */
  train(
    options: TrainOptions,
    onPoint: (point: Point) => void,
    onLook: (look: Look) => void,
  ): Promise<TrainResult | null> {
    return this.alone('A network is being trained on the Train tab.', () =>
      this.trainAndCompare(options, onPoint, onLook),
    );
  }

  private async trainAndCompare(
    options: TrainOptions,
    onPoint: (point: Point) => void,
    onLook: (look: Look) => void,
  ): Promise<TrainResult | null> {
    this.isStopped = false;
    await startBackend(options.backend);
    const isStopped = () => this.isStopped;
    const trained = await train(options, this.digits.train, {isStopped, onPoint, onLook});
    if (trained === null) {
      return null;
    }
    const {dense} = trained;
    // As a visitor gets it: through the file, in which numbers may be rounded.
    const file = await packedFileOf(trained.pruned, options.model, options.numbers);
    trained.pruned.dispose();
    const pruned = await loadLayersModel(packed(file));
    const sparse = options.backend === 'wasm' ? await sparsified(pruned) : null;
    this.forget();
    this.trained = {dense, pruned, file, sparse, name: options.model};
    const [first, second] = await this.times(dense, pruned);
    const files = await filesOf(dense, 'dense');
    return {
      name: options.model,
      dense: {
        ...(await factsOf(dense, this.digits.test)),
        download: (await sizeOf(files)).gzip,
        milliseconds: first,
      },
      pruned: {
        ...(await factsOf(pruned, this.digits.test)),
        download: file.size,
        milliseconds: second,
      },
      isSparse: sparse !== null,
    };
  }

  /** Ends a training at its next breath. */
  stop(): void {
    this.isStopped = true;
  }

  /** Prunes a copy of the dense model, without training. */
  pruneAtOnce(
    sparsity: number,
    scope: 'layer' | 'global',
  ): Promise<Pick<Facts, 'accuracy' | 'zeros' | 'size'>> {
    return onBackend(async () => {
      const copy = await copyOf(this.models().dense);
      try {
        await pruneNow(copy, {sparsity, scope});
        return await factsOf(stripPruning(copy), this.digits.test);
      } finally {
        copy.dispose();
      }
    });
  }

  /** What the dense and the pruned model say of an image of 28 x 28. */
  answer(pixels: Float32Array): Promise<{dense: Answer; pruned: Answer}> {
    return onBackend(async () => {
      const {dense, pruned} = this.models();
      const [first, second] = await answersTo(pixels, [dense, pruned]);
      return {dense: first, pruned: second};
    });
  }

  /** A digit of the test part. */
  testDigit(): DigitImage {
    return anyDigit(this.digits.test);
  }

  async sizes(): Promise<FileSizes> {
    const entries = DOWNLOADS.map(async (what) => [what, await sizeOf(await this.files(what))]);
    return Object.fromEntries(await Promise.all(entries)) as FileSizes;
  }

  /** The files to download; packed is the pruned model in one. */
  files(what: DownloadName): Promise<File[]> {
    return onBackend(async () => {
      const {name, dense, pruned, file} = this.models();
      return what === 'packed'
        ? [file]
        : filesOf(what === 'dense' ? dense : pruned, `${name}-${what}`);
    });
  }

  /** Digits as image files, as visitors have them. */
  sampleImages(count: number): Promise<File[]> {
    return digitFiles(this.digits.train, count);
  }

  /** Looks into a model's files, which stay here. */
  async inspect(files: File[]): Promise<Inspection> {
    if (this.task === PRUNING) {
      throw busy(PRUNING);
    }
    return onBackend(async () => {
      const own = await OwnModel.read(files);
      this.own?.dispose();
      this.own = own;
      const {model} = own;
      const accuracy = readsDigits(model) ? await accuracyOf(model, this.digits.test) : null;
      return {...(await own.inspect()), accuracy};
    });
  }

  /** Takes images to prune the model by that was looked into. */
  async takeImages(files: File[]): Promise<Taken> {
    return this.ownModel().takeImages(files);
  }

  /** Prunes the model that was looked into. */
  pruneOwn(
    options: OwnOptions,
    onProgress: (done: number, all: number) => void,
  ): Promise<Comparison> {
    return this.alone(PRUNING, () => onBackend(() => this.pruneAndCompare(options, onProgress)));
  }

  private async pruneAndCompare(
    options: OwnOptions,
    onProgress: (done: number, all: number) => void,
  ): Promise<Comparison> {
    const own = this.ownModel();
    const comparison = await own.prune(options, onProgress);
    const {model} = own;
    const after = own.result.model;
    const accuracy =
      readsDigits(model) && readsDigits(after)
        ? {
            before: await accuracyOf(model, this.digits.test),
            after: await accuracyOf(after, this.digits.test),
          }
        : null;
    return {...comparison, accuracy};
  }

  /** The own model, pruned, in one file. */
  ownPacked(): File {
    return this.ownModel().result.file;
  }

  /** `null` before a backend is chosen and has started. */
  memory(): Memory | null {
    if (!hasBackend()) {
      return null;
    }
    const backend = tf.getBackend();
    const {numTensors, numBytes} = tf.memory();
    return {backend, tensors: numTensors, bytes: numBytes};
  }

  /** Does `work` while nothing else is trained or pruned: both may change the backend. */
  private async alone<T>(task: string, work: () => Promise<T>): Promise<T> {
    if (this.task !== null) {
      throw busy(this.task);
    }
    this.task = task;
    try {
      return await work();
    } finally {
      this.task = null;
    }
  }

  private async times(...models: LayersModel[]): Promise<number[]> {
    const {xs, ys} = digitTensors(this.digits.test, TIMED_IMAGES);
    try {
      return await timesOf(
        models.map((model) => () => model.predict(xs, {batchSize: TIMED_IMAGES}) as tf.Tensor),
      );
    } finally {
      tf.dispose([xs, ys]);
    }
  }

  private forget(): void {
    this.trained?.sparse?.dispose();
    this.trained?.dense.dispose();
    this.trained?.pruned.dispose();
  }

  private models(): Result {
    if (this.trained === null) {
      throw new Error('Train a model first.');
    }
    return this.trained;
  }

  private ownModel(): OwnModel {
    if (this.own === null) {
      throw new Error('Drop a model first.');
    }
    return this.own;
  }
}

function busy(task: string): Error {
  return new Error(`${task} Wait until that is done.`);
}

/** Makes predictions skip zeros; `null` where there are too few of them. */
async function sparsified(model: LayersModel): Promise<{dispose(): void} | null> {
  const sparse = await sparsify(model);
  if (sparse.layers.some(({kernel}) => kernel !== 'dense')) {
    return sparse;
  }
  sparse.dispose();
  return null;
}

function readsDigits(model: OwnModel['model']): model is LayersModel {
  const shapes = [...model.inputs, ...model.outputs].map(({shape}) => shape?.slice(1).join());
  return !('executeAsync' in model) && shapes.join(' ') === '28,28,1 10';
}

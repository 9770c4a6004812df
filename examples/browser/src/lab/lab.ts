import * as tf from '@tensorflow/tfjs-core';
import {loadLayersModel, type LayersModel} from '@tensorflow/tfjs-layers';
import {pruneNow, sparsityReport, stripPruning} from 'tfjs-prune';
import {packed} from 'tfjs-prune/load';

import {
  DOWNLOADS,
  type Answer,
  type BackendNotes,
  type DigitImage,
  type DownloadName,
  type Facts,
  type FileSizes,
  type Inspection,
  type Look,
  type Memory,
  type Point,
  type TrainOptions,
  type TrainResult,
} from './api';
import {backendNotes, startBackend} from './backend';
import {anyDigit, loadDigits, type Digits} from './digits';
import {accuracyOf, answersTo, copyOf, factsOf} from './measure';
import {filesOf, packedFileOf, sizeOf} from './save';
import {train, type Trained} from './train';

/**
 * All that computes. It lives in a worker, so that the page never waits for it.
 * What was trained last can be used while the next one trains.
 */
export class Lab {
  private digits!: {train: Digits; test: Digits};
  private trained: (Trained & {name: string}) | null = null;
  private isStopped = false;

  /** Loads the digits. */
  async open(digitsUrl: string): Promise<BackendNotes> {
    this.digits = await loadDigits(digitsUrl);
    return backendNotes();
  }

  /** Trains and prunes; `null` if it was stopped, and then what was there stays. */
  async train(
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
    this.trained?.dense.dispose();
    this.trained?.pruned.dispose();
    this.trained = {...trained, name: options.model};
    return {
      name: options.model,
      dense: await factsOf(trained.dense, this.digits.test),
      pruned: await factsOf(trained.pruned, this.digits.test),
    };
  }

  /** Ends a training at its next breath. */
  stop(): void {
    this.isStopped = true;
  }

  /** Prunes a copy of the dense model, without training. */
  async pruneAtOnce(sparsity: number, scope: 'layer' | 'global'): Promise<Facts> {
    const copy = await copyOf(this.models().dense);
    try {
      await pruneNow(copy, {sparsity, scope});
      return await factsOf(stripPruning(copy), this.digits.test);
    } finally {
      copy.dispose();
    }
  }

  /** What the dense and the pruned model say of an image of 28 x 28. */
  async answer(pixels: Float32Array): Promise<{dense: Answer; pruned: Answer}> {
    const {dense, pruned} = this.models();
    const [first, second] = await answersTo(pixels, [dense, pruned]);
    return {dense: first, pruned: second};
  }

  /** A digit of the test part. */
  testDigit(): DigitImage {
    return anyDigit(this.digits.test);
  }

  async sizes(): Promise<FileSizes> {
    const entries = DOWNLOADS.map(async (what) => [what, await sizeOf(await this.files(what))]);
    return Object.fromEntries(await Promise.all(entries));
  }

  /** The files to download; packed is the pruned model in one. */
  async files(what: DownloadName): Promise<File[]> {
    const {name, dense, pruned} = this.models();
    return what === 'packed'
      ? [await packedFileOf(pruned, name)]
      : filesOf(what === 'dense' ? dense : pruned, `${name}-${what}`);
  }

  /** Looks into a model's files, which stay here. */
  async inspect(files: File[]): Promise<Inspection> {
    const {name, handler} = handlerOf(files);
    if (tf.getBackend() === undefined) {
      await startBackend(backendNotes().wasm.missing ? 'cpu' : 'wasm');
    }
    const model = await loadLayersModel(handler);
    try {
      return {
        ...(await sparsityReport(model)),
        ...(await sizeOf(files)),
        name,
        parameters: model.countParams(),
        accuracy: readsDigits(model) ? await accuracyOf(model, this.digits.test) : null,
      };
    } finally {
      model.dispose();
    }
  }

  /** `null` before a backend is chosen. */
  memory(): Memory | null {
    const backend = tf.getBackend();
    if (backend === undefined) {
      return null;
    }
    const {numTensors, numBytes} = tf.memory();
    return {backend, tensors: numTensors, bytes: numBytes};
  }

  private models(): Trained & {name: string} {
    if (this.trained === null) {
      throw new Error('Train a model first.');
    }
    return this.trained;
  }
}

/** What loads `files`, and their name. */
function handlerOf(files: readonly File[]): {name: string; handler: tf.io.IOHandler} {
  const file = files.find(({name}) => /\.(json|tfpack)$/.test(name));
  if (!file) {
    throw new Error('Give a model.json together with its weights files, or a packed model.tfpack.');
  }
  const {name} = file;
  const weightFiles = files.filter((other) => other !== file);
  const isPacked = name.endsWith('.tfpack');
  return {name, handler: isPacked ? packed(file) : tf.io.browserFiles([file, ...weightFiles])};
}

function readsDigits({inputs, outputs}: LayersModel): boolean {
  const shapes = [...inputs, ...outputs].map(({shape}) => shape.slice(1).join());
  return shapes.join(' ') === '28,28,1 10';
}

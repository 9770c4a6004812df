/** What the page and the worker tell each other. */
import type {WeightSparsity} from 'tfjs-prune';

export const BACKENDS = ['webgl', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** Of each backend, why this browser can't run it, or a remark, if there is one. */
export type BackendNotes = Record<BackendName, {missing: boolean; note: string}>;

export interface TrainOptions {
  model: 'mlp' | 'cnn';
  backend: BackendName;
  /** Single weights, or whole channels or units that are then removed. */
  method: 'weights' | 'channels';
  /** Share of weights or channels to be pruned, in [0, 1). */
  sparsity: number;
  /** Training images. */
  images: number;
  /** Epochs before pruning, and while pruning. */
  epochs: number;
  pruningEpochs: number;
  batchSize: number;
}

/** A moment of training. */
export interface Point {
  step: number;
  /** Steps in all. */
  steps: number;
  isPruning: boolean;
  loss: number;
  accuracy: number;
  sparsity: number;
}

/** Which output channels of a layer still have weights. */
export interface LayerChannels {
  name: string;
  kept: boolean[];
}

/** An image, as RGBA. */
export interface Picture {
  pixels: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
}

/** How a model looks inside. */
export interface Look {
  weights: WeightSparsity[];
  channels: LayerChannels[];
  /** The first layer's weights. */
  picture: Picture | null;
}

/** What came of a training, of the dense and of the pruned model. */
export interface Facts {
  /** Share of the test digits. */
  accuracy: number;
  parameters: number;
  /** Multiplications of a prediction. */
  macs: number;
  /** Weights and zeros among them; biases do not count. */
  size: number;
  zeros: number;
}

export interface TrainResult {
  name: string;
  dense: Facts;
  pruned: Facts;
}

export interface Answer {
  /** Of the ten digits. */
  probabilities: number[];
  /** Median time of a prediction. */
  milliseconds: number;
}

export interface DigitImage {
  /** 28 x 28, 0 to 1. */
  pixels: Float32Array;
  label: number;
}

/** What can be downloaded. */
export const DOWNLOADS = ['dense', 'pruned', 'packed'] as const;
export type DownloadName = (typeof DOWNLOADS)[number];

/** Bytes of a model's files. */
export interface FileSize {
  bytes: number;
  gzip: number;
}

/** Those of each download. */
export type FileSizes = Record<DownloadName, FileSize>;

export interface Inspection extends FileSize {
  name: string;
  parameters: number;
  weights: WeightSparsity[];
  size: number;
  zeros: number;
  /** Where it reads digits. */
  accuracy: number | null;
}

export interface Memory {
  backend: string;
  tensors: number;
  bytes: number;
}

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
  /** What becomes of the numbers that are left, in the file to download. */
  numbers: 'shared' | 'bytes' | 'float';
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

/** Some units of a network, in columns, and what joins them. */
export interface Network {
  columns: {
    /** As people say it, such as 'hidden layer 1'. */
    title: string;
    units: number;
    /** Which of the units that are drawn still have weights. */
    kept: boolean[];
  }[];
  /** Of each two columns, the weights between units drawn, the left one's units first; 0 where pruned. */
  links: Float32Array[];
}

/** How a model looks inside. */
export interface Look {
  /** Under the names that people say. */
  weights: WeightSparsity[];
  network: Network;
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
  /** Bytes that a visitor of a page downloads. */
  download: number;
  /** Median time of a prediction of `TIMED_IMAGES` digits. */
  milliseconds: number;
}

/** Images in a prediction that is timed. */
export const TIMED_IMAGES = 100;

export interface TrainResult {
  name: string;
  dense: Facts;
  pruned: Facts;
  /** Whether the pruned model's predictions skip its zeros. */
  isSparse: boolean;
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

/** A layer of a model, or a node of a graph that has weights. */
export interface ModelNode {
  name: string;
  /** Its class or operation. */
  kind: string;
  shape: string;
  weights: number;
  zeros: number;
  /** Those before it, by their positions in the list. */
  inputs: number[];
}

export interface Inspection extends FileSize {
  name: string;
  kind: 'LayersModel' | 'GraphModel';
  parameters: number;
  nodes: ModelNode[];
  size: number;
  zeros: number;
  /** Height, width and colors where it takes one image. */
  image: [number, number, number] | null;
  /** Where it reads digits. */
  accuracy: number | null;
}

/** How a visitor wants the own model pruned. */
export interface OwnOptions {
  sparsity: number;
  scope: 'layer' | 'global';
  /** What a pixel becomes for the model. */
  range: '0..1' | '-1..1' | '0..255';
  numbers: TrainOptions['numbers'];
}

/** Sample images that are used, at most: more change little, and take memory. */
export const MOST_IMAGES = 256;

/** What became of the images that a visitor gave. */
export interface Taken {
  taken: number;
  /** Names of files that are no images. */
  refused: string[];
}

/** The own model before and after. */
export interface Comparison {
  before: OwnFacts;
  after: OwnFacts;
  /** The pruned model's. */
  nodes: ModelNode[];
  images: number;
  /** Whether the images were used to solve for the weights that are left. */
  isReconstructed: boolean;
  isSparse: boolean;
  /** Share of the images with the same first answer; `null` where there are none, or no classes. */
  sameAnswer: number | null;
  /** Distance of the outputs, as a share of the outputs before; `null` without images. */
  difference: number | null;
  /** On the test digits; `null` for a model that does not read digits. */
  accuracy: {before: number; after: number} | null;
}

export interface OwnFacts {
  download: number;
  sparsity: number;
  milliseconds: number;
}

export interface Memory {
  backend: string;
  tensors: number;
  bytes: number;
}

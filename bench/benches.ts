import type {DataName} from './data';

/** How `npm run bench` runs a benchmark. */
export interface Bench {
  title: string;
  /** Backends it runs on, one after the other; `fastest` that is installed; `none` to choose. */
  backends: ReadonlyArray<'tensorflow' | 'wasm' | 'fastest' | 'none'>;
  /** Options that make it short. */
  quick: readonly string[];
  /** Parts that are run and kept one by one; `--only PART` runs one. */
  parts?: readonly string[];
  /** Data sets beside MNIST that it also runs on, if the run is not a quick one. */
  data?: readonly DataName[];
  /** Libraries that it runs beside this one, where they are installed. */
  peers?: readonly string[];
  needsChromium?: boolean;
}

const BOTH = ['tensorflow', 'wasm'] as const;
const FASTEST = ['fastest'] as const;
const FEW_IMAGES = ['--images', '6000'];

/** Every benchmark of this folder by the name of its file, in the order of docs/benchmarks.md. */
export const BENCHES: Readonly<Record<string, Bench>> = {
  headline: {
    title: 'One model before and after',
    backends: FASTEST,
    quick: [...FEW_IMAGES, '--rounds', '3'],
  },
  tfmot: {
    title: 'Time of a training step, pruned and not pruned',
    backends: BOTH,
    quick: ['--rounds', '1', '--models', '784-300-100-10'],
    peers: ['TFMOT'],
  },
  overhead: {
    title: 'Time of a training step, by callback',
    backends: BOTH,
    quick: ['--blocks', '1', '--models', '784-128-10', 'CNN 8-16', 'residual MLP'],
  },
  mask_update: {
    title: 'Time of a mask update',
    backends: BOTH,
    quick: ['--rounds', '3', '--most', '1e6'],
  },
  sparsity: {
    title: 'Accuracy by sparsity, pruned during training',
    backends: FASTEST,
    quick: [...FEW_IMAGES, '--seeds', '1', '--models', 'tutorial', '--sparsities', '0.95'],
    data: ['fashion'],
    peers: ['TFMOT'],
  },
  accuracy: {
    title: 'Accuracy by sparsity, pruned once without training',
    backends: FASTEST,
    quick: [...FEW_IMAGES, '--seeds', '1'],
    data: ['fashion'],
    peers: ['torch'],
  },
  criteria: {
    title: 'Accuracy by criterion and scope',
    backends: FASTEST,
    quick: ['--images', '1000', '--seeds', '1', '--nets', 'lenet300'],
  },
  rewinding: {
    title: 'Accuracy with learning-rate rewinding',
    backends: FASTEST,
    quick: ['--images', '1000', '--seeds', '1', '--nets', 'lenet300'],
  },
  reconstruct: {
    title: 'Accuracy without training, reconstructed from inputs',
    backends: FASTEST,
    quick: [...FEW_IMAGES, '--seeds', '1', '--only', 'mlp'],
  },
  trained: {
    title: 'A trained model: pruned alone, distilled, reconstructed',
    backends: FASTEST,
    quick: ['--crops', '1', '2', '--only', 'channels', '--rounds', '3'],
  },
  dynamic: {
    title: 'Error with masks that regrow',
    backends: FASTEST,
    quick: ['--images', '2000', '--seeds', '1', '--only', 'lenet300'],
  },
  lenets: {
    title: 'Error of LeNets as sparse and as small as in papers',
    backends: FASTEST,
    quick: ['--images', '2000', '--seeds', '1', '--only', 'lenet5'],
  },
  l1: {
    title: 'Accuracy with zeros from L1 regularization',
    backends: FASTEST,
    quick: [...FEW_IMAGES, '--seeds', '1'],
  },
  structured: {
    title: 'Accuracy with half of the channels',
    backends: FASTEST,
    parts: ['peers', 'importances'],
    quick: [...FEW_IMAGES, '--seeds', '1', '--net', 'lenet5'],
    peers: ['Torch-Pruning'],
  },
  isomorphic: {
    title: 'Accuracy with isomorphic scope for channels',
    backends: FASTEST,
    quick: ['--images', '500', '--seeds', '1', '--nets', 'resnet'],
  },
  text: {
    title: 'Accuracy with fewer words and dimensions of embeddings',
    backends: FASTEST,
    quick: ['--models', 'conv', '--seeds', '1', '--epochs', '1'],
  },
  datasets: {
    title: 'Accuracy on data other than digits',
    backends: FASTEST,
    quick: ['--only', 'mails', '--seeds', '1'],
    peers: ['TFMOT', 'Torch-Pruning'],
  },
  transfer: {
    title: 'Accuracy of a published MobileNetV2, fine-tuned and pruned',
    backends: FASTEST,
    quick: ['--seeds', '1'],
  },
  series: {
    title: 'Accuracy of a time series network, before and after recalibration',
    backends: FASTEST,
    quick: ['--seeds', '1'],
  },
  shrink: {
    title: 'Time of a prediction after shrink',
    backends: BOTH,
    quick: ['--rounds', '3'],
    peers: ['Torch-Pruning'],
  },
  sparse: {
    title: 'Time of a prediction that skips zeros',
    backends: ['none'],
    quick: ['--rounds', '3', '--sparsities', '0.9'],
  },
  sparse_browser: {
    title: 'Time of a prediction that skips zeros, in Chromium',
    backends: ['none'],
    quick: ['--rounds', '3', '--only', 'LeNet'],
    needsChromium: true,
  },
  patterns: {
    title: 'Accuracy and speed by pattern of zeros',
    backends: FASTEST,
    quick: [...FEW_IMAGES, '--seeds', '1', '--only', 'mlp', '--sparsities', '0.9'],
  },
  runtimes: {
    title: 'Time of a prediction, by runtime',
    backends: ['none'],
    quick: ['--rounds', '3', '--widths', '0.25', '--side', '96'],
  },
  training_step: {
    title: 'Time of a training step on WebAssembly',
    backends: ['none'],
    quick: ['--rounds', '3'],
  },
  browser: {
    title: 'Time of a prediction in Chromium',
    backends: ['none'],
    quick: ['--nets', 'lenet5', '--rounds', '3'],
    needsChromium: true,
  },
  size: {title: 'Bytes to download', backends: FASTEST, quick: FEW_IMAGES, data: ['fashion']},
  rounding: {
    title: 'Accuracy and file size with few bits',
    backends: FASTEST,
    quick: ['--images', '3000', '--test', '1500', '--seeds', '1', '--models', 'mobilenet'],
  },
  quantization: {
    title: 'Accuracy with quantization-aware training',
    backends: FASTEST,
    quick: [...FEW_IMAGES, '--seeds', '1'],
  },
  clusters: {
    title: 'Accuracy and file size with shared values',
    backends: FASTEST,
    quick: ['--images', '1000', '--seeds', '1', '--nets', 'lenet300'],
  },
  distillation: {
    title: 'Accuracy with distillation',
    backends: FASTEST,
    quick: [...FEW_IMAGES, '--seeds', '1', '--only', 'all'],
  },
  codec: {title: 'Speed of the packed format', backends: ['none'], quick: ['--rounds', '1']},
  workers: {
    title: 'Speed of searches with many workers',
    backends: ['none'],
    parts: ['speed', 'queue', 'machines'],
    quick: ['--trials', '2'],
  },
  auto_prune: {
    title: 'Sparsity found by autoPrune',
    backends: FASTEST,
    quick: ['--images', '2000', '--models', 'lenet5'],
  },
};

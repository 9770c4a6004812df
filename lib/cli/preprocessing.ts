import {check} from '../base/check';
import type {StoredModel} from './model_file';

/** What bytes, 0 to 255, become before a model takes them. */
export interface Preprocessing {
  /** What 0 and 255 become. */
  range: readonly [number, number];
  /** Subtracted then, a number for each channel or one for all. */
  mean: readonly number[];
  /** What the rest is divided by, likewise. */
  std: readonly number[];
  /** Whether blue comes first. */
  isBgr: boolean;
}

/** How inputs are told to be prepared on the command line; absent is as the model is known to take them. */
export interface PreprocessingOptions {
  range?: number[];
  mean?: number[];
  std?: number[];
  bgr?: boolean;
}

const PLAIN: Preprocessing = {range: [0, 1], mean: [0], std: [1], isBgr: false};
const SIGNED: Preprocessing = {...PLAIN, range: [-1, 1]};
const BYTES: Preprocessing = {...PLAIN, range: [0, 255]};
const CAFFE: Preprocessing = {...BYTES, mean: [103.939, 116.779, 123.68], isBgr: true};
const TORCH: Preprocessing = {...PLAIN, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]};

/** What the models of Keras's applications take, by the names that Keras gives them. */
const KNOWN: ReadonlyArray<readonly [RegExp, Preprocessing]> = [
  [/^(mobilenet_|mobilenetv2|inception_|xception|nasnet|resnet(50|101|152)v2)/i, SIGNED],
  [/^(vgg(16|19)|resnet(50|101|152)$)/i, CAFFE],
  [/^densenet(121|169|201)/i, TORCH],
  [/^(mobilenetv3|efficientnet|convnext|regnet)/i, BYTES],
];

/** How a model takes bytes, if its name or its first layers say so; else scaled to [0, 1]. */
export function knownPreprocessing({kind, artifacts}: StoredModel): Preprocessing {
  if (kind === 'graph') {
    return PLAIN;
  }
  const {name = '', layers = []} = configOf(artifacts.modelTopology);
  const rescales = layers.slice(0, 2).some(({class_name: className}) => className === 'Rescaling');
  return rescales ? BYTES : (KNOWN.find(([pattern]) => pattern.test(name))?.[1] ?? PLAIN);
}

/**
 * How bytes are prepared: as the options say, and else as `known` does.
 *
 * @throws PruningError for options that make no sense.
 */
export function preprocessingOf(
  {range, mean, std, bgr}: PreprocessingOptions,
  known: Preprocessing,
): Preprocessing {
  // Who says one of them has others in mind than those that are known.
  const rest = (range ?? mean ?? std ?? bgr) ? PLAIN : known;
  const [low, high] = range ?? rest.range;
  const isRange = range === undefined || (range.length === 2 && low < high);
  check(isRange, '--range', 'two numbers such as -1,1', range?.join());
  const isSome = std === undefined || std.every((each) => each > 0);
  check(isSome, '--std', 'numbers above 0', std?.join());
  return {
    range: [low, high],
    mean: mean ?? rest.mean,
    std: std ?? rest.std,
    isBgr: bgr ?? rest.isBgr,
  };
}

/**
 * Prepares bytes in place.
 *
 * @param values 0 to 255, channels innermost.
 * @throws PruningError for another number of channels than it has numbers for.
 */
export function prepare(
  values: Float32Array,
  channels: number,
  {range: [low, high], mean, std, isBgr}: Preprocessing,
): void {
  for (const [option, list] of Object.entries({'--mean': mean, '--std': std})) {
    const fits = list.length === 1 || list.length === channels;
    check(fits, option, `one number, or ${channels} for the channels`, list.join());
  }
  const byChannel = (list: readonly number[], channel: number) =>
    list[list.length > 1 ? channel : 0];
  const step = (high - low) / 255;
  if (isBgr && channels === 3) {
    for (let i = 0; i < values.length; i += 3) {
      [values[i], values[i + 2]] = [values[i + 2], values[i]];
    }
  }
  for (let i = 0; i < values.length; ++i) {
    const channel = i % channels;
    values[i] = (low + step * values[i] - byChannel(mean, channel)) / byChannel(std, channel);
  }
}

interface Config {
  name?: string;
  layers?: ReadonlyArray<{class_name?: string}>;
}

/** The configuration of a LayersModel, whichever way it is saved. */
function configOf(topology: unknown): Config {
  const whole = (topology ?? {}) as {model_config?: {config?: unknown}; config?: unknown};
  const config = whole.model_config?.config ?? whole.config;
  // Sequential models of older formats are saved as the list of their layers.
  const found = Array.isArray(config) ? {layers: config as Config['layers']} : (config as Config);
  return Array.isArray(found?.layers) ? found : {};
}

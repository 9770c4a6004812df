import {Command, InvalidArgumentError, Option} from 'commander';

import {type Method, METHODS, type MethodName} from './methods';
import {MODELS, type ModelName} from './models';

/** What the command line sets. */
export interface Options {
  model: ModelName;
  method: MethodName;
  l1: number;
  count: number;
  bits: number;
  epochs: number;
  fineTuneEpochs: number;
  initialSparsity: number;
  finalSparsity: number;
  frequency: number;
  batchSize: number;
  samples: number;
  seed: number;
  backend?: string;
  out: string;
}

const DEFAULTS: Options = {
  model: 'mlp',
  method: 'magnitude',
  l1: 0.25,
  count: 3,
  bits: 4,
  epochs: 2,
  fineTuneEpochs: 2,
  initialSparsity: 0.5,
  finalSparsity: 0.9,
  frequency: 100,
  batchSize: 128,
  samples: 60000,
  seed: 1,
  out: 'out/mnist',
};

/** Reads the options of a command line such as `process.argv`. */
export function parseOptions(argv: readonly string[]): Options {
  const command = new Command('npm run example --').description(
    'Trains a model on MNIST, prunes it while fine-tuning, and saves it.',
  );
  const add = (
    name: keyof Options,
    value: string,
    text: string,
    parse?: (text: string) => number,
  ) => {
    const option = new Option(`--${name} <${value}>`, `${text} (${defaultOf(name)})`);
    command.addOption(parse ? option.argParser(parse) : option);
    return option;
  };
  add('model', 'name', 'model to train').choices(Object.keys(MODELS));
  add('method', 'name', 'how to prune').choices(Object.keys(METHODS));
  add('l1', 'strength', 'strength of the method l1', Number);
  add('count', 'n', 'layers that the method layers removes', positiveInteger);
  add('bits', 'n', 'bits of a weight for the method quantize', positiveInteger);
  add('epochs', 'n', 'epochs of dense training', positiveInteger);
  add('fineTuneEpochs', 'n', 'epochs of fine-tuning while pruning', positiveInteger);
  add('initialSparsity', 's', 'sparsity at the first step of fine-tuning', Number);
  add('finalSparsity', 's', 'sparsity at the end', Number);
  add('frequency', 'n', 'steps between two updates of the masks', Number);
  add('batchSize', 'n', 'images in a batch', positiveInteger);
  add('samples', 'n', 'training images', positiveInteger);
  add('seed', 'n', 'seed of the initial weights and of shuffling', Number);
  add('backend', 'name', 'backend to run on').choices(['tensorflow-gpu', 'tensorflow', 'wasm']);
  add('out', 'folder', 'where the models are saved');
  const given = command.parse([...argv]).opts<Partial<Options>>();
  return {...DEFAULTS, ...defaultsFor(given.method ?? DEFAULTS.method), ...given};
}

function defaultsFor(name: MethodName): Partial<Options> {
  const {defaults}: Method = METHODS[name];
  return defaults ?? {};
}

/** 'default: 0.9; 0.5 for channels, neurons' */
function defaultOf(name: keyof Options): string {
  const methods = new Map<unknown, MethodName[]>();
  for (const method of Object.keys(METHODS) as MethodName[]) {
    const value = defaultsFor(method)[name];
    if (value !== undefined) {
      methods.set(value, [...(methods.get(value) ?? []), method]);
    }
  }
  const others = [...methods].map(([value, list]) => `; ${String(value)} for ${list.join(', ')}`);
  return `default: ${DEFAULTS[name] ?? 'the fastest that is installed'}${others.join('')}`;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError('It must be an integer of at least 1.');
  }
  return value;
}

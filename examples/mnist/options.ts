import {Command, InvalidArgumentError, Option} from 'commander';

import {METHODS, type MethodName} from './methods';
import {MODELS, type ModelName} from './models';

/** What the command line sets. */
export interface Options {
  model: ModelName;
  method: MethodName;
  l1: number;
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

/** Reads the options of a command line such as `process.argv`. */
export function parseOptions(argv: readonly string[]): Options {
  const options = new Command('npm run example --')
    .description('Trains a model on MNIST, prunes it while fine-tuning, and saves it.')
    .addOption(
      new Option('--model <name>', 'model to train').choices(Object.keys(MODELS)).default('mlp'),
    )
    .addOption(
      new Option(
        '--method <name>',
        'how to prune; threshold prunes the textbook model once, without fine-tuning',
      )
        .choices(Object.keys(METHODS))
        .default('magnitude'),
    )
    .option('--l1 <strength>', 'strength of the method l1', Number, 0.25)
    .option('--epochs <n>', 'epochs of dense training', positiveInteger, 2)
    .option('--fineTuneEpochs <n>', 'epochs of fine-tuning while pruning', positiveInteger, 2)
    .option('--initialSparsity <s>', 'sparsity at the first step of fine-tuning', Number, 0.5)
    .option('--finalSparsity <s>', 'sparsity at the end', Number, 0.9)
    .option('--frequency <n>', 'steps between two updates of the masks', Number, 100)
    .option('--batchSize <n>', 'images in a batch', positiveInteger, 128)
    .option('--samples <n>', 'training images', positiveInteger, 60000)
    .option('--seed <n>', 'seed of the initial weights and of shuffling', Number, 1)
    .addOption(
      new Option('--backend <name>', 'default: the fastest that is installed').choices([
        'tensorflow-gpu',
        'tensorflow',
        'wasm',
      ]),
    )
    .option('--out <folder>', 'where the models are saved', 'out/mnist')
    .parse([...argv])
    .opts<Options>();
  return options.method === 'threshold'
    ? {...options, model: 'textbook', fineTuneEpochs: 0}
    : options;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError('It must be an integer of at least 1.');
  }
  return value;
}

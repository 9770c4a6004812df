import {type Command, Option} from 'commander';

import {GRANULARITIES, type Granularity} from '../callbacks/granularity';
import {TRAINING_BACKENDS, type TrainingBackend} from '../workers/backend';
import type {PrintOptions} from './output';
import {numberOf} from './parse';

/** Options of commands that measure or train a model many times. */
export interface SearchOptions extends PrintOptions {
  data: string;
  granularity?: Granularity;
  layers?: string[];
  metric?: 'accuracy' | 'loss';
  seed?: number;
  loss?: string;
  optimizer?: string;
  learningRate?: number;
  backend?: TrainingBackend;
  workers?: number;
  queue?: string;
  name?: string;
  memory?: number;
  seconds?: number;
  force?: boolean;
}

const OPTIMIZERS = ['adam', 'sgd', 'rmsprop', 'adagrad', 'adadelta', 'adamax'];

/** Adds those options. */
export function searchOptions(command: Command, needed: string): Command {
  return command
    .requiredOption('--data <module>', `ES module that exports ${needed}, and maybe 'test'`)
    .addOption(
      new Option('--granularity <kind>', "what goes; default: 'weight'").choices(GRANULARITIES),
    )
    .option('--layers <names...>', 'which layers; default: all that can be pruned')
    .addOption(
      new Option('--metric <name>', 'to judge by; default: accuracy, or the loss').choices([
        'accuracy',
        'loss',
      ]),
    )
    .option('--loss <name>', 'where the model is not compiled, such as categoricalCrossentropy')
    .addOption(new Option('--optimizer <name>', "with --loss; default: 'adam'").choices(OPTIMIZERS))
    .option('--learning-rate <rate>', "of the optimizer; default: the model's", numberOf)
    .option('--seed <n>', 'of orders and random criteria; default: 1', numberOf)
    .addOption(
      new Option('--backend <name>', 'default: the fastest that is installed').choices(
        TRAINING_BACKENDS,
      ),
    )
    .option('--workers <n>', 'processes; 0 for none but this; default: a core each', numberOf)
    .option('--memory <MB>', 'that a worker may take', numberOf)
    .option('--seconds <s>', 'that a trial may take in a worker', numberOf)
    .option('--queue <url>', 'redis://…, rediss://… or postgres://…, where workers wait')
    .option('--name <name>', "of the queue; default: 'tfjs-prune'")
    .option('--force', 'replace what is there')
    .option('--json', 'print JSON');
}

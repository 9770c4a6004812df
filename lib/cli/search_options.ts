import {type Command, Option} from 'commander';

import {GRANULARITIES, type Granularity} from '../callbacks/granularity';
import {TRAINING_BACKENDS, type TrainingBackend} from '../workers/backend';
import type {PrintOptions} from './output';
import {namesOf, numberOf} from './parse';

/** Options of commands that measure or train a model many times. */
export interface SearchOptions extends PrintOptions {
  data: string;
  granularity?: Granularity;
  layers?: Array<string | RegExp>;
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
    .requiredOption('--data <module>', `ES module that exports ${needed}, and optionally 'test'`)
    .addOption(
      new Option('--granularity <kind>', "what to prune; default: 'weight'").choices(GRANULARITIES),
    )
    .option(
      '--layers <name...>',
      'names of layers or weights, or expressions such as /^conv/; default: all',
      namesOf,
    )
    .addOption(
      new Option('--metric <name>', 'metric to compare; default: accuracy, or the loss').choices([
        'accuracy',
        'loss',
      ]),
    )
    .option('--loss <name>', 'loss of a model saved without one, such as categoricalCrossentropy')
    .addOption(new Option('--optimizer <name>', "with --loss; default: 'adam'").choices(OPTIMIZERS))
    .option('--learning-rate <rate>', "learning rate; default: the model's", numberOf)
    .option('--seed <n>', 'seed of shuffling and random criteria; default: 1', numberOf)
    .addOption(
      new Option('--backend <name>', 'default: the fastest that is installed').choices(
        TRAINING_BACKENDS,
      ),
    )
    .option('--workers <n>', 'number of processes; 0: only this one; default: all cores', numberOf)
    .option('--memory <MB>', 'memory limit of a worker', numberOf)
    .option('--seconds <s>', 'time limit of a trial in a worker', numberOf)
    .option('--queue <url>', 'queue of the workers: redis://…, rediss://… or postgres://…')
    .option('--name <name>', "name of the queue; default: 'tfjs-prune'")
    .option('--force', 'replace existing files')
    .option('--json', 'print JSON');
}

import {type Command, InvalidArgumentError, Option} from 'commander';

import {TRAINING_BACKENDS, type TrainingBackend} from '../workers/backend';
import type {ImageOptions} from './images/read_images';
import {numberOf} from './parse';
import type {PreprocessingOptions} from './preprocessing';

/** Where examples come from, and how they are read. */
export interface DataOptions extends PreprocessingOptions, ImageOptions {
  data?: string;
  examples?: number;
}

/** Options of commands that calibrate with examples. */
export interface CalibrationOptions extends DataOptions {
  backend?: TrainingBackend;
}

/** The options of commands that read examples. */
export function dataOptions(command: Command, what: string): Command {
  return command
    .option('--data <path>', `${what}: a folder of images, a .npy or an IDX file, or an ES module`)
    .option('--size <height,width>', 'of images, where the model leaves it open', numbersOf)
    .option('--crop', 'cut the edges of images off rather than stretching them')
    .option('--range <low,high>', 'what the bytes 0 and 255 become; default: 0,1', numbersOf)
    .option('--mean <values>', 'subtracted then, one for each channel or for all', numbersOf)
    .option('--std <values>', 'what the rest is divided by', numbersOf)
    .option('--bgr', 'blue comes first');
}

/** The options of commands that look at examples where there are some. */
export function calibrationOptions(command: Command): Command {
  return dataOptions(
    command,
    'inputs without labels, by which the weights that are left make up for the others',
  )
    .option('--examples <n>', 'examples of --data to look at; default: 512', numberOf)
    .addOption(
      new Option('--backend <name>', 'with --data; default: the fastest installed').choices(
        TRAINING_BACKENDS,
      ),
    );
}

/** Numbers with commas between them. */
function numbersOf(text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (!values.every(Number.isFinite)) {
    throw new InvalidArgumentError('It must be numbers such as -1,1.');
  }
  return values;
}

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
    .option('--size <height,width>', 'size of images, if the model accepts any', numbersOf)
    .option('--crop', 'crop images instead of stretching them')
    .option('--range <low,high>', 'what the bytes 0 and 255 become; default: 0,1', numbersOf)
    .option('--mean <values>', 'then subtracted: one value, or one per channel', numbersOf)
    .option('--std <values>', 'then divided by: one value, or one per channel', numbersOf)
    .option('--bgr', 'order the channels of images as blue, green, red');
}

/** The options of commands that look at examples where there are some. */
export function calibrationOptions(command: Command): Command {
  return dataOptions(command, 'inputs without labels, to adjust the kept weights with')
    .option('--examples <n>', 'number of examples of --data to use; default: 512', numberOf)
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

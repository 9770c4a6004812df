/**
 * Writes the page's digits, the first 6,000 of MNIST's training part and 1,000
 * of its test part, as one file: the two counts as uint32, all labels, all
 * pixels, gzipped. Not named .gz, since servers would unpack such a file on its way.
 */
import {mkdirSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';

import {loadDigits} from '../../mnist/data';

const PIXELS = 28 * 28;
const parts = [loadDigits('train', 6000), loadDigits('t10k', 1000)];
const file = gzipSync(
  Buffer.concat([
    new Uint8Array(Uint32Array.from(parts, ({count}) => count).buffer),
    ...parts.map(({labels, count}) => labels.subarray(0, count)),
    ...parts.map(({pixels, count}) => pixels.subarray(0, count * PIXELS)),
  ]),
  {level: 9},
);
const folder = fileURLToPath(new URL('../public/', import.meta.url));
mkdirSync(folder, {recursive: true});
writeFileSync(`${folder}digits.bin`, file);

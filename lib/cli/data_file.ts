import {createReadStream} from 'node:fs';
import {open} from 'node:fs/promises';
import {createGunzip} from 'node:zlib';

import {parse as parseNpy} from 'npyjs';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {evenlySpread} from '../base/evenly_spread';
import {fileError} from '../files/node/file_error';

/** Examples of a file. */
export interface Examples {
  values: Float32Array;
  /** `[examples, ...]`. */
  shape: number[];
  /** Whether the values are bytes, 0 to 255. */
  areBytes: boolean;
}

/** What the start of a file says of the rest. */
interface Header {
  /** Bytes before the first value. */
  start: number;
  shape: number[];
  valueBytes: number;
  /** The values in the bytes of whole examples. */
  decode(bytes: Uint8Array): ArrayLike<number | bigint | boolean>;
}

/** Bytes of a file, one after the other: those from `start` on, and `length` of them. */
interface Range {
  start: number;
  length: number;
}

/** Bytes in which any header ends. */
const HEADER_BYTES = 2 ** 17;
const GZIP = 0x1f8b;
const NPY = 'a .npy file of numbers in C order, little-endian';

/**
 * Reads examples in a file of NumPy's or MNIST's format, which may be gzipped. Of more than
 * `most`, some at even distances, since files are often sorted by class. The rest is counted
 * and not kept: a small compressed file may be very long.
 *
 * @param most Examples that are wanted.
 * @param checkShape Called with the shape of an example, before any is kept.
 * @throws PruningError where the file is neither, has no examples, or fewer or more bytes than
 *   it says.
 */
export async function readExamples(
  path: string,
  most: number,
  checkShape: (shape: readonly number[]) => void,
): Promise<Examples> {
  const {bytes: first} = await readRanges(path, [{start: 0, length: HEADER_BYTES}]);
  const header = isNpy(first) ? npyHeader(path, first) : idxHeader(path, first);
  const [count, ...own] = header.shape;
  check(count > 0, path, 'at least one example', count);
  checkShape(own);
  const exampleBytes = header.valueBytes * sizeOf(own);
  const kept = Math.min(count, most);
  const chosen = Array.from(evenlySpread(count, kept), (example) => ({
    start: header.start + example * exampleBytes,
    length: exampleBytes,
  }));
  const {bytes, total} = await readRanges(path, chosen);
  check(
    total === header.start + count * exampleBytes,
    path,
    `${count * exampleBytes} bytes of values`,
    total - header.start,
  );
  const numbers = header.decode(bytes);
  return {
    values: Float32Array.from(numbers as ArrayLike<number>, Number),
    shape: [kept, ...own],
    areBytes: header.valueBytes === 1 && numbers instanceof Uint8Array,
  };
}

/**
 * Ranges of a file's content, in order and apart, as far as it has them, and how many bytes
 * it has in all.
 */
async function readRanges(
  path: string,
  ranges: readonly Range[],
): Promise<{bytes: Buffer; total: number}> {
  const unreadable = fileError(path, 'a file that can be read');
  const isGzip = await startsWithGzip(path).catch(unreadable);
  const file = createReadStream(path);
  const content = isGzip ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => content.destroy(error));
  const parts: Buffer[] = [];
  let next = 0;
  let total = 0;
  try {
    for await (const part of content as AsyncIterable<Buffer>) {
      const end = total + part.length;
      for (; next < ranges.length && ranges[next].start < end; ++next) {
        const {start, length} = ranges[next];
        // A copy: the rest of the part may be large, and is of no use.
        parts.push(Buffer.from(part.subarray(Math.max(start - total, 0), start + length - total)));
        if (start + length > end) {
          break;
        }
      }
      total = end;
    }
  } catch (error) {
    return isGzip ? fileError(path, 'a whole gzip file')(error) : unreadable(error);
  } finally {
    file.destroy();
  }
  return {bytes: Buffer.concat(parts), total};
}

async function startsWithGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16BE() === GZIP;
  } finally {
    await file.close();
  }
}

function isNpy(content: Buffer): boolean {
  return content.toString('latin1', 1, 6) === 'NUMPY';
}

/** https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
function npyHeader(path: string, content: Buffer): Header {
  check(content.length >= 12, path, NPY, 'a shorter one');
  const start = content[6] <= 1 ? 10 + content.readUInt16LE(8) : 12 + content.readUInt32LE(8);
  check(start <= content.length, path, NPY, `a header of ${start} bytes`);
  const decode = (values: Uint8Array) => npy(path, content.subarray(0, start), values).data;
  const {shape, dtype, fortranOrder} = npy(path, content.subarray(0, start), new Uint8Array(0));
  check(!fortranOrder, path, 'an array in C order', 'one in Fortran order');
  check(/^[iufb][1248]$/.test(dtype), path, 'an array of numbers', dtype);
  check(shape.length > 0 && shape.every(isSize), path, 'an array of examples', shape);
  const toNumbers = decode as unknown as Header['decode'];
  return {start, shape, valueBytes: Number(dtype.slice(1)), decode: toNumbers};
}

function npy(path: string, header: Uint8Array, values: Uint8Array) {
  const whole = new Uint8Array(header.length + values.length);
  whole.set(header);
  whole.set(values, header.length);
  try {
    return parseNpy(whole.buffer);
  } catch (cause) {
    throw new PruningError(path, NPY, cause instanceof Error ? cause.message : cause, {cause});
  }
}

/** http://yann.lecun.com/exdb/mnist: two zeros, type, number of axes, sizes, values. */
function idxHeader(path: string, content: Buffer): Header {
  const [zero, second, type, axes] = content;
  const start = 4 + 4 * axes;
  const isIdx = zero === 0 && second === 0 && type === 8 && axes > 0 && content.length >= start;
  check(isIdx, path, 'a .npy or an IDX file of bytes', 'another');
  const shape = Array.from({length: axes}, (_, i) => content.readUInt32BE(4 + 4 * i));
  return {start, shape, valueBytes: 1, decode: (bytes) => Uint8Array.from(bytes)};
}

function isSize(length: number): boolean {
  return Number.isSafeInteger(length) && length >= 0;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

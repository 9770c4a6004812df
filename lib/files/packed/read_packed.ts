import type {io} from '@tensorflow/tfjs-core';

import {PruningError} from '../../base/errors';
import {byteReader, type ByteReader} from './byte_reader';
import {checksum} from './checksum';
import {decodeWeight} from './decode_weight';
import {Format, mostInflated} from './format';
import {weightMemory} from './weight_memory';

/** Bytes that are taken at first for weights where nothing vouches for more. */
const FIRST_BYTES = 2 ** 24;

/**
 * Reads a packed file, see docs/packed_format.md. Nothing of a part is used before its
 * checksum is found right, and memory is taken for what is there, not for what is declared.
 *
 * @param name What is read; named in errors.
 * @param onProgress Called after each part, with the share that is read.
 * @param size Bytes of the file, where they are known.
 */
export async function readPacked(
  name: string,
  source: ReadableStream<Uint8Array> | Uint8Array,
  onProgress?: (fraction: number) => void,
  size = source instanceof ReadableStream ? undefined : source.length,
): Promise<io.ModelArtifacts> {
  const reader = byteReader(name, source);
  try {
    return await readModel(name, reader, onProgress, size);
  } catch (error) {
    await reader.cancel();
    throw error;
  }
}

async function readModel(
  name: string,
  reader: ByteReader,
  onProgress: ((fraction: number) => void) | undefined,
  size: number | undefined,
): Promise<io.ModelArtifacts> {
  const check = (condition: boolean, expected: string, received: unknown, cause?: unknown) => {
    if (!condition) {
      throw new PruningError(name, expected, received, {cause});
    }
  };
  let position = 0;
  const read = (count: number) => {
    position += count;
    return reader.read(count);
  };
  let sum = 0;
  const checkSum = (bytes: Uint8Array, expected: number) => {
    // Of all bytes up to here, so that frames can't change places.
    sum = checksum(bytes, sum);
    check(sum === expected, `bytes before ${position} that match their checksum`, 'others');
  };

  const prelude = await read(Format.PRELUDE_BYTES);
  const sizes = new DataView(prelude.buffer, prelude.byteOffset);
  const integer = (offset: number) => sizes.getUint32(offset, true);
  check(integer(0) === Format.MAGIC, "a packed model, whose first bytes are 'TFPK'", 'others');
  check(
    integer(4) <= Format.VERSION,
    `a version of the format up to ${Format.VERSION}`,
    integer(4),
  );
  const fileBytes = sizes.getFloat64(8, true);
  const weightBytes = sizes.getFloat64(16, true);
  const whole = `a file of ${fileBytes} bytes`;
  check((size ?? fileBytes) === fileBytes, whole, size);
  const headerBytes = integer(24);
  const isInside = headerBytes <= fileBytes && weightBytes <= fileBytes * Format.MOST_PER_BYTE;
  check(isInside, whole, `${headerBytes} of a header and ${weightBytes} of weights`);
  const header = await read(headerBytes);
  sum = checksum(prelude.subarray(0, Format.PRELUDE_BYTES - Format.CHECKSUM_BYTES));
  checkSum(header, integer(Format.PRELUDE_BYTES - Format.CHECKSUM_BYTES));
  let artifacts: io.ModelArtifacts = {};
  let specs: unknown;
  let cause: unknown;
  try {
    artifacts = await inflate(header);
    specs = artifacts.weightSpecs ?? [];
  } catch (error) {
    cause = error;
  }
  check(Array.isArray(specs), 'a model as JSON', 'others', cause);

  const frame = async () => {
    const head = await read(4 + Format.CHECKSUM_BYTES);
    const view = new DataView(head.buffer, head.byteOffset);
    const length = view.getUint32(0, true);
    check(position + length <= fileBytes, whole, 'a longer part');
    const bytes = await read(length);
    checkSum(bytes, view.getUint32(4, true));
    onProgress?.(position / fileBytes);
    return bytes;
  };
  // So much may be taken at once; only sparse models have more weights than that.
  const weights = weightMemory(name, weightBytes, Math.max(4 * (size ?? 0), FIRST_BYTES));
  for (let left = (specs as unknown[]).length; left > 0; --left) {
    await decodeWeight(name, frame, weights);
  }
  check(weights.left === 0, `${weightBytes} bytes of weights`, weights.length);
  check(position === fileBytes && (await reader.atEnd()), whole, 'more or fewer');
  if (artifacts.weightSpecs) {
    artifacts.weightData = weights.bytes.buffer;
  }
  return artifacts;
}

/** The JSON in `bytes`; throws, and inflates no more, where it's longer than it may be. */
async function inflate(bytes: Uint8Array): Promise<io.ModelArtifacts> {
  let left = mostInflated(bytes.length);
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform: (part, controller) => {
      left -= part.length;
      if (left < 0) {
        throw new RangeError('too long');
      }
      controller.enqueue(part);
    },
  });
  const stream = new Blob([bytes as BlobPart]).stream();
  const text = stream.pipeThrough(new DecompressionStream('deflate-raw')).pipeThrough(limit);
  return JSON.parse(await new Response(text).text()) as io.ModelArtifacts;
}

import type {io} from '@tensorflow/tfjs-core';

import {PruningError} from '../../base/errors';
import {ByteReader} from './byte_reader';
import {checksum} from './checksum';
import {WeightDecoder} from './decode_weight';
import {CHECKSUM_BYTES, MAGIC, MOST_PER_BYTE, mostInflated, PRELUDE_BYTES, VERSION} from './format';
import {WeightMemory} from './weight_memory';

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
  stream: ReadableStream<Uint8Array>,
  onProgress: (fraction: number) => void = () => {},
  size?: number,
): Promise<io.ModelArtifacts> {
  const reader = new ByteReader(name, stream);
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
  onProgress: (fraction: number) => void,
  size: number | undefined,
): Promise<io.ModelArtifacts> {
  const check = (condition: boolean, expected: string, received: unknown, cause?: unknown) => {
    if (!condition) {
      throw new PruningError(name, expected, received, {cause});
    }
  };
  let sum = 0;
  const checkSum = (bytes: Uint8Array, expected: number) => {
    // Of all bytes up to here, so that frames can't change places.
    sum = checksum(bytes, sum);
    check(sum === expected, `bytes before ${reader.position} that match their checksum`, 'others');
  };

  const prelude = await reader.read(PRELUDE_BYTES);
  const sizes = new DataView(prelude.buffer, prelude.byteOffset);
  const integer = (offset: number) => sizes.getUint32(offset, true);
  check(integer(0) === MAGIC, "a packed model, whose first bytes are 'TFPK'", 'others');
  check(integer(4) === VERSION, `the version ${VERSION} of the format`, integer(4));
  const fileBytes = sizes.getFloat64(8, true);
  const weightBytes = sizes.getFloat64(16, true);
  const whole = `a file of ${fileBytes} bytes`;
  check(size === undefined || size === fileBytes, whole, size);
  const headerBytes = integer(24);
  const isInside = headerBytes <= fileBytes && weightBytes <= fileBytes * MOST_PER_BYTE;
  check(isInside, whole, `${headerBytes} of a header and ${weightBytes} of weights`);
  const header = await reader.read(headerBytes);
  sum = checksum(prelude.subarray(0, PRELUDE_BYTES - CHECKSUM_BYTES));
  checkSum(header, integer(PRELUDE_BYTES - CHECKSUM_BYTES));
  let cause: unknown;
  const artifacts = await inflate(header).catch((error) => {
    cause = error;
    return null;
  });
  const {weightSpecs} = artifacts ?? {};
  const isModel = artifacts !== null && (weightSpecs === undefined || Array.isArray(weightSpecs));
  check(isModel, 'a model as JSON', 'others', cause);

  const frame = async () => {
    const head = await reader.read(4 + CHECKSUM_BYTES);
    const view = new DataView(head.buffer, head.byteOffset);
    const length = view.getUint32(0, true);
    check(reader.position + length <= fileBytes, whole, 'a longer part');
    const bytes = await reader.read(length);
    checkSum(bytes, view.getUint32(4, true));
    onProgress(reader.position / fileBytes);
    return bytes;
  };
  // So much may be taken at once; only sparse models have more weights than that.
  const weights = new WeightMemory(name, weightBytes, 4 * (size ?? 0));
  for (let i = 0; i < (weightSpecs ?? []).length; ++i) {
    const weight = new WeightDecoder(name, await frame(), weights);
    while (!weight.finished) {
      weight.decode(await frame());
    }
  }
  check(weights.left === 0, `${weightBytes} bytes of weights`, weights.length);
  check(reader.position === fileBytes && (await reader.atEnd()), whole, 'more or fewer');
  return (
    weightSpecs ? {...artifacts, weightData: weights.buffer} : artifacts
  ) as io.ModelArtifacts;
}

/** The JSON in `bytes`; throws, and inflates no more, where it's longer than it may be. */
async function inflate(bytes: Uint8Array): Promise<io.ModelArtifacts | null> {
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
  return JSON.parse(await new Response(text).text());
}

import type {io} from '@tensorflow/tfjs-core';

import {PruningError} from '../../base/errors';
import {ByteReader} from './byte_reader';
import {checksum} from './checksum';
import {WeightDecoder} from './decode_weight';
import {CHECKSUM_BYTES, MAGIC, PRELUDE_BYTES, VERSION} from './format';

/**
 * Reads a packed file, see docs/packed_format.md. Nothing of a part is used, nor
 * memory of the size that it declares taken, before its checksum is found right.
 *
 * @param name What is read; named in errors.
 * @param onProgress Called after each part, with the share that is read.
 */
export async function readPacked(
  name: string,
  stream: ReadableStream<Uint8Array>,
  onProgress: (fraction: number) => void = () => {},
): Promise<io.ModelArtifacts> {
  const reader = new ByteReader(name, stream);
  try {
    return await readModel(name, reader, onProgress);
  } catch (error) {
    await reader.cancel();
    throw error;
  }
}

async function readModel(
  name: string,
  reader: ByteReader,
  onProgress: (fraction: number) => void,
): Promise<io.ModelArtifacts> {
  const check = (condition: boolean, expected: string, received: unknown) => {
    if (!condition) {
      throw new PruningError(name, expected, received);
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
  const header = await reader.read(integer(24));
  sum = checksum(prelude.subarray(0, PRELUDE_BYTES - CHECKSUM_BYTES));
  checkSum(header, integer(PRELUDE_BYTES - CHECKSUM_BYTES));
  const artifacts: io.ModelArtifacts = JSON.parse(await inflate(header).text());

  const frame = async () => {
    const head = await reader.read(4 + CHECKSUM_BYTES);
    const view = new DataView(head.buffer, head.byteOffset);
    const length = view.getUint32(0, true);
    check(reader.position + length <= fileBytes, `a file of ${fileBytes} bytes`, 'a longer part');
    const bytes = await reader.read(length);
    checkSum(bytes, view.getUint32(4, true));
    onProgress(reader.position / fileBytes);
    return bytes;
  };
  const weights = allocate(name, weightBytes);
  let offset = 0;
  for (let i = 0; i < (artifacts.weightSpecs ?? []).length; ++i) {
    const weight = new WeightDecoder(name, await frame(), weights.subarray(offset));
    while (!weight.finished) {
      weight.decode(await frame());
    }
    offset += weight.size;
  }
  check(offset === weightBytes, `${weightBytes} bytes of weights`, offset);
  const isEnd = reader.position === fileBytes && (await reader.atEnd());
  check(isEnd, `a file of ${fileBytes} bytes`, 'more or fewer');
  return artifacts.weightSpecs ? {...artifacts, weightData: weights.buffer} : artifacts;
}

function allocate(name: string, bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new PruningError(name, 'weights for which there is memory', `${bytes} bytes`, {cause});
  }
}

function inflate(bytes: Uint8Array): Response {
  const stream = new Blob([bytes as BlobPart]).stream();
  return new Response(stream.pipeThrough(new DecompressionStream('deflate-raw')));
}

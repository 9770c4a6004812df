import {check} from '../../base/check';

/**
 * Views of a model's weights, however they're split. tfjs's CompositeArrayBuffer
 * would join them, but copies, and gives zeros where the last part is longest.
 *
 * @param name What holds the weights; named in errors.
 * @throws PruningError where `data` is neither a buffer nor a list of buffers.
 */
export function weightChunks(name: string, data: unknown): Uint8Array[] {
  const parts: unknown[] = Array.isArray(data) ? data : [data ?? new ArrayBuffer(0)];
  return parts.map((part) => {
    if (ArrayBuffer.isView(part)) {
      return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    }
    check(isBuffer(part), name, 'weightData of ArrayBuffers', part);
    return new Uint8Array(part);
  });
}

/** Bytes of all chunks. */
export function totalBytes(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, {byteLength}) => sum + byteLength, 0);
}

/** Views of what lies between `start` and `end` in the chunks' concatenation. */
export function partsBetween(
  chunks: readonly Uint8Array[],
  start: number,
  end: number,
): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(Math.max(start - offset, 0), Math.max(end - offset, 0));
    if (part.length > 0) {
      parts.push(part);
    }
    offset += chunk.length;
  }
  return parts;
}

/** A copy of all chunks, one after the other. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(totalBytes(chunks));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}

/**
 * `bytes` as words of `type`, in place where their position allows it, else copied.
 *
 * @param bytes A whole number of words.
 */
export function asWords<T>(bytes: Uint8Array, type: WordType<T>): T {
  const isAligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0;
  const {buffer, byteOffset} = isAligned ? bytes : bytes.slice();
  return new type(buffer, byteOffset, bytes.length / type.BYTES_PER_ELEMENT);
}

interface WordType<T> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** By name, since a buffer may come from another realm. */
function isBuffer(value: unknown): value is ArrayBufferLike {
  const type = Object.prototype.toString.call(value);
  return type === '[object ArrayBuffer]' || type === '[object SharedArrayBuffer]';
}

import {PruningError} from '../../base/errors';

/** Reads exact numbers of bytes from parts of any size. */
export interface ByteReader {
  /** The next `count` bytes. @throws PruningError where there are fewer. */
  read(count: number): Promise<Uint8Array>;
  /** Whether there are no more. */
  atEnd(): Promise<boolean>;
  /** Stops a download that is of no use any more. */
  cancel(): Promise<void>;
}

/**
 * Reads bytes at hand, or those of a stream. A closure, since no minifier shortens the names of fields.
 *
 * @param name What is read; named in errors.
 */
export function byteReader(
  name: string,
  source: ReadableStream<Uint8Array> | Uint8Array,
): ByteReader {
  const isStream = source instanceof ReadableStream;
  const reader = isStream ? source.getReader() : undefined;
  let part = isStream ? new Uint8Array(0) : source;
  const atEnd = async () => {
    while (!part.length) {
      const {value} = (await reader?.read()) ?? {};
      if (!value) {
        return true;
      }
      part = value;
    }
    return false;
  };
  const take = (count: number) => {
    const taken = part.subarray(0, count);
    part = part.subarray(count);
    return taken;
  };
  return {
    atEnd,
    cancel: async () => reader?.cancel().catch(() => {}),
    read: async (count) => {
      if (part.length >= count) {
        return take(count);
      }
      const parts: Uint8Array[] = [];
      let length = 0;
      while (length < count) {
        if (await atEnd()) {
          throw new PruningError(name, `${count} more bytes`, length);
        }
        const taken = take(count - length);
        length += taken.length;
        parts.push(taken);
      }
      // Only now is so much memory taken: all of the bytes are there.
      const bytes = new Uint8Array(count);
      for (const taken of parts) {
        bytes.set(taken, count - length);
        length -= taken.length;
      }
      return bytes;
    },
  };
}

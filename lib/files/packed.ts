import type {io} from '@tensorflow/tfjs-core';

import {PruningError} from '../base/errors';
import {readPacked} from './packed/read_packed';

/** Where a packed model is: an address for `fetch`, or an object with its bytes. */
export type PackedSource = string | URL | Blob | BufferSource | ReadableStream<Uint8Array>;

/** Of what has no address; named in errors. */
const NAME = 'packed model';

/** Options of `packed`, like those of `tf.io.http`. */
export interface PackedArgs {
  /** Called as bytes arrive, with the share of the file that is decoded; the last call has 1. */
  onProgress?: (fraction: number) => void;
  /** Passed to `fetch`: headers, credentials, a signal to abort. */
  requestInit?: RequestInit;
  /** Used instead of `fetch`. */
  fetchFunc?: typeof fetch;
}

const OPTIONS = ['onProgress', 'requestInit', 'fetchFunc'];

/**
 * Makes a handler that loads a model from one packed file, in browsers and on Node. It
 * decodes the weights while the file downloads.
 *
 * @example
 * import {packed} from 'tfjs-prune/load';
 * const model = await tf.loadLayersModel(packed('models/mnist.tfpack'));
 *
 * @param source The address or the content of the file. A stream can be loaded only once.
 * @throws PruningError for an unknown option. `load` throws it if the server has no such
 *   file, or if the file is not a packed model, has a later version, is truncated or
 *   damaged. Errors of `fetch` itself are passed on.
 */
export function packed(source: PackedSource, args: PackedArgs = {}): io.IOHandler {
  const strange = Object.keys(args).find((option) => !OPTIONS.includes(option));
  if (strange !== undefined) {
    throw new PruningError('packed', `options among ${OPTIONS.join(', ')}`, strange);
  }
  return {load: () => loadPacked(source, args)};
}

async function loadPacked(
  source: PackedSource,
  {onProgress, requestInit, fetchFunc = fetch}: PackedArgs,
): Promise<io.ModelArtifacts> {
  let name = NAME;
  let size: number | undefined;
  let stream: ReadableStream<Uint8Array> | Uint8Array;
  if (typeof source === 'string' || source instanceof URL) {
    name = String(source);
    const {ok, status, body} = await fetchFunc(source, requestInit);
    if (!ok || !body) {
      throw new PruningError(name, 'a file that can be fetched', `the status ${status}`);
    }
    stream = body;
  } else if (source instanceof Blob) {
    stream = source.stream();
    size = source.size;
  } else if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    const {buffer = source, byteOffset, byteLength} = source as Partial<Uint8Array>;
    stream = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  } else if (source instanceof ReadableStream) {
    stream = source;
  } else {
    throw new PruningError('source', 'an address, a Blob, bytes or a stream', source);
  }
  return readPacked(name, stream, onProgress, size);
}

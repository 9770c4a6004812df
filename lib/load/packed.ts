import type {io} from '@tensorflow/tfjs-core';

import {PruningError} from '../errors';
import {readPacked} from './read_packed';

/** Where a packed model is: an address for `fetch`, or what holds its bytes. */
export type PackedSource = string | URL | Blob | BufferSource | ReadableStream<Uint8Array>;

/** Options as those of `tf.io.http`. */
export interface PackedArgs {
  /** Called as bytes come in, with the share of the file that is decoded, at last 1. */
  onProgress?: (fraction: number) => void;
  /** Passed to `fetch`: headers, credentials, a signal to abort. */
  requestInit?: RequestInit;
  /** Used instead of `fetch`. */
  fetchFunc?: typeof fetch;
}

/**
 * A handler that loads a model of one packed file, in browsers and on Node.
 * Weights are decoded while the file is still coming in.
 *
 * @example
 * import {packed} from 'tfjs-prune/load';
 * const model = await tf.loadLayersModel(packed('models/mnist.tfpack'));
 *
 * @param source The file's address or content. A stream can be loaded once.
 * @throws PruningError from `load`, where the file cannot be fetched, is no
 *   packed model, of a later version, cut short or damaged.
 */
export function packed(source: PackedSource, args: PackedArgs = {}): io.IOHandler {
  return {load: () => loadPacked(source, args)};
}

async function loadPacked(
  source: PackedSource,
  {onProgress, requestInit, fetchFunc = fetch}: PackedArgs,
): Promise<io.ModelArtifacts> {
  const isAddress = typeof source === 'string' || source instanceof URL;
  const name = isAddress ? `${source}` : 'packed model';
  const response = isAddress ? await fetchFunc(source, requestInit) : new Response(source);
  if (!response.ok || response.body === null) {
    throw new PruningError(name, 'a file that can be fetched', `the status ${response.status}`);
  }
  return readPacked(name, response.body, onProgress);
}

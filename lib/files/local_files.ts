import type {io} from '@tensorflow/tfjs-core';

import type {LayoutArgs} from './layout';
import type {StoredWeights} from './quantize/stored_weights';

/** How files on this machine are reached: on Node, and nowhere else. */
export interface LocalFiles {
  /** A handler of tfjs's own files. */
  fileSystem(path: string, args: LayoutArgs): io.IOHandler;
  /** Saves into tfjs's own files, weight by weight. */
  save(
    path: string,
    artifacts: io.ModelArtifacts,
    weights: StoredWeights,
    args: LayoutArgs,
  ): Promise<io.SaveResult>;
  /** Replaces a file, whole or not at all. */
  write(path: string, parts: readonly Uint8Array[]): Promise<void>;
  read(path: string): Promise<FileContent>;
}

/** A file as it is read. */
export interface FileContent {
  stream: ReadableStream<Uint8Array>;
  /** Bytes in all. */
  size: number;
}

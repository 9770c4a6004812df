import type {io} from '@tensorflow/tfjs-core';

/** A weight as tfjs's manifest describes it, and its bytes. */
export interface StoredWeight {
  spec: io.WeightsManifestEntry;
  bytes: Uint8Array;
}

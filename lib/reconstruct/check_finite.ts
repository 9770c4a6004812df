import {cast, isFinite as isFiniteTensor, min, reshape} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {readVectors} from '../base/read_vectors';
import type {Batch} from '../data/batches';

/** Throws for samples with NaN or infinity. One small read. */
export async function checkFinite(batches: readonly Batch[]): Promise<void> {
  const flags = await readVectors<'int32'>(() =>
    batches.flatMap(({xs}) =>
      xs.map((x) => reshape(min(cast(isFiniteTensor(cast(x, 'float32')), 'int32')), [1])),
    ),
  );
  const isFinite = flags.every(([flag]) => flag === 1);
  check(isFinite, 'calibration.x', 'finite numbers', 'NaN or infinity among them');
}

export {disposeBatches, readBatches, type Batch as CalibrationBatch} from './batches';
export type {Samples as Calibration} from './samples';
import {checkSamples, type Samples} from './samples';

/** Throws unless `calibration` is of the right form. */
export function checkCalibration(
  calibration: unknown,
  withTargets: boolean,
): asserts calibration is Samples {
  checkSamples('calibration', calibration, withTargets ? 'targets' : 'inputs');
}

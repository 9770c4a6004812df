import {PruningError} from '../base/errors';

/**
 * Throws where a depthwise convolution is dilated: tfjs has no gradient of
 * those on any backend.
 *
 * @param kernelName The kernel that was called.
 * @param dilations Its dilations: one number, or height and width.
 */
export function assertNotDilated(kernelName: string, dilations: number | number[]): void {
  if ([dilations].flat().some((dilation) => dilation !== 1)) {
    throw new PruningError('dilations', `1 for ${kernelName} on wasm`, dilations);
  }
}

import util from 'node:util';

/**
 * Puts `util.isNullOrUndefined` back, which Node 23 removed and tfjs-node 4.22 calls in
 * nearly every kernel, whether that is loaded already or not. Changes nothing where it is.
 */
export function restoreRemovedUtil(): void {
  if (!('isNullOrUndefined' in util)) {
    Object.assign(util, {isNullOrUndefined: (value: unknown) => value == null});
  }
}

import {listed} from '../base/listed';
import type {ReconstructedLayer} from './sequence';

/** Share of the variance of a layer's outputs above which little of them is left. */
const LARGE = 0.5;

/** Warns where layers stay far from what they are to give. */
export function warnOfResiduals(layers: readonly ReconstructedLayer[]): void {
  const far = layers.filter(({after}) => after > LARGE);
  if (far.length > 0) {
    const shares = far.map(({name, after}) => `'${name}' (${Math.round(100 * after)} %)`);
    console.warn(
      `Reconstruction misses more than half of the variance of some layers' outputs: ` +
        `${listed(shares)}. Prune less, or pass samples like those that the model will see.`,
    );
  }
}

import {dispose, matMul, slice, type Tensor, tidy} from '@tensorflow/tfjs-core';

import {Pace} from '../base/yielding';
import {Moments} from './moments';
import type {Site} from './site';

/** Elements of rows that are looked at together: 64 MB. */
const MOST_ELEMENTS = 2 ** 24;

/**
 * The moments of what a site of the pruned model gets, and of what the dense
 * model makes of its own inputs there. A few samples at a time, so that the
 * rows of a convolution are never all in memory.
 */
export async function collectMoments<B>(
  site: Site<B>,
  batches: Iterable<B>,
  pace: Pace,
): Promise<Moments> {
  const moments = new Moments(site.map, site.read('dense').bias !== null);
  try {
    for (const batch of batches) {
      const dense = await site.inputs(batch, 'dense');
      let pruned: Tensor[] = [];
      try {
        pruned = await site.inputs(batch, 'pruned');
        pruned.forEach((input, call) => addRows(moments, site, input, dense[call]));
      } finally {
        dispose([...dense, ...pruned]);
      }
      await pace.rest();
    }
    return moments;
  } catch (error) {
    moments.dispose();
    throw error;
  }
}

function addRows<B>(moments: Moments, site: Site<B>, pruned: Tensor, dense: Tensor): void {
  const [samples] = pruned.shape;
  const perSample = (pruned.size / samples) * site.map.growth;
  const step = Math.max(1, Math.floor(MOST_ELEMENTS / perSample));
  for (let begin = 0; begin < samples; begin += step) {
    tidy(() => {
      const part = (input: Tensor) => slice(input, begin, Math.min(step, samples - begin));
      const kernel = site.map.toMatrix(site.read('dense').kernel);
      const wanted = matMul(site.rows(part(dense), 'dense'), kernel);
      moments.add(site.rows(part(pruned), 'pruned'), wanted);
    });
  }
}

import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

import type {LayersModel} from '@tensorflow/tfjs-layers';
import {sensitivity, sensitivitySvg} from 'tfjs-prune';

import {batches, type Digits} from './data';
import type {Options} from './options';
import {sensitivityTable} from './report';

/** What a layer may cost alone, without training: training makes up for more than that. */
const MOST = 0.02;

/** Shows what each layer bears, and gives the largest sparsity of each that costs little. */
export async function bearable(
  model: LayersModel,
  train: Digits,
  {out}: Options,
): Promise<Record<string, number>> {
  const result = await sensitivity(model, batches(train, 500).take(10));
  const picture = join(out, 'sensitivity.svg');
  writeFileSync(picture, sensitivitySvg(result));
  console.log(`\n${sensitivityTable(result)}\nAs a picture: ${picture}`);
  const least = result.baseline - MOST;
  return Object.fromEntries(
    result.layers.map(({name, points}) => {
      const held = points.filter(({metric}) => metric >= least);
      return [name, Math.max(0, ...held.map(({sparsity}) => sparsity))];
    }),
  );
}

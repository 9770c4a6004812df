import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {randomNormal, randomUniform, type Tensor, tidy} from '@tensorflow/tfjs-core';
import {type LayersModel, models} from '@tensorflow/tfjs-layers';

import {recalibrateNormalization} from '../../lib';
import {weightsOf} from '../../lib/model/layer_tree';
import {readWeight} from '../../lib/model/read_weight';
import {expectBars} from './bars';

/** As Keras 2.15 writes them: `topologies/write.py`. */
const NAMES = ['unet', 'mobilenet_v2', 'efficientnet_v2_b0', 'densenet121', 'resnet50'];

it.each(NAMES)('%s', async (name) => {
  const file = join(__dirname, 'topologies', `${name}.json`);
  const modelTopology = JSON.parse(readFileSync(file, 'utf8')) as never;
  const model = await models.modelFromJSON({modelTopology});
  drawWeights(model, 5);
  // Then each layer sees numbers of the size that it would in a trained model.
  const x = randomNormal([4, 64, 64, 3], 0, 1, 'float32', 7);
  await recalibrateNormalization(model, {x, batchSize: 4});
  x.dispose();
  await expectBars(model, 2);
});

/** As before training, with normalizations that are not all the same. */
function drawWeights(model: LayersModel, seed: number): void {
  weightsOf(model).forEach((variable, i) => {
    const shape = variable.shape as number[];
    const fanIn = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    const draw = (): Tensor => {
      if (/gamma|variance/.test(variable.originalName)) {
        return randomUniform(shape, 0.5, 1.5, 'float32', seed + i);
      }
      const deviation = shape.length > 1 ? Math.sqrt(2 / fanIn) : 0.1;
      return randomNormal(shape, 0, deviation, 'float32', seed + i);
    };
    tidy(() => void readWeight(variable).assign(draw() as never));
  });
}

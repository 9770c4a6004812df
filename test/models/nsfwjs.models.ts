import {io, tidy, zeros} from '@tensorflow/tfjs-core';
import {loadGraphModel} from '@tensorflow/tfjs-converter';
import {loadLayersModel} from '@tensorflow/tfjs-layers';

import {expectBars} from './bars';
import {expectGraphPacks, expectGraphQuantizes} from './graph_bars';
import {checkFetched, nsfwjs} from './published';

beforeAll(checkFetched);

it.each(['mobilenet_v2', 'inception_v3'])('the LayersModel %s', async (name) => {
  const model = await loadLayersModel(io.fromMemory(nsfwjs(name)));
  // They were published with most of their layers frozen, which are left alone.
  model.layers.forEach((layer) => (layer.trainable = true));
  await expectBars(model, 1);
});

it('the GraphModel mobilenet_v2_mid', async () => {
  const artifacts = nsfwjs('mobilenet_v2_mid');
  await expectGraphQuantizes(artifacts);
  const model = await loadGraphModel(io.fromMemory(await expectGraphPacks(artifacts)));
  const output = tidy(() => [model.predict(zeros([1, 224, 224, 3]))].flat()[0]) as ReturnType<
    typeof zeros
  >;
  expect((await output.data()).every(Number.isFinite)).toBe(true);
});

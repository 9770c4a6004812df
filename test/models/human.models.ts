import {io} from '@tensorflow/tfjs-core';
import {loadGraphModel} from '@tensorflow/tfjs-converter';

import {expectGraphPacks, expectGraphQuantizes} from './graph_bars';
import {human, humanModels} from './published';

it.each(humanModels())('the GraphModel %s', async (name) => {
  const artifacts = await human(name);
  await expectGraphQuantizes(artifacts);
  const model = await loadGraphModel(io.fromMemory(await expectGraphPacks(artifacts)));
  expect(model.inputs.length).toBeGreaterThan(0);
  model.dispose();
});

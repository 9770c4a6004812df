import {io} from '@tensorflow/tfjs-core';
import {loadGraphModel} from '@tensorflow/tfjs-converter';

import {expectGraphPacks} from './graph_bars';
import {human, humanModels} from './published';

it.each(humanModels())('the GraphModel %s', async (name) => {
  const model = await loadGraphModel(io.fromMemory(await expectGraphPacks(await human(name))));
  expect(model.inputs.length).toBeGreaterThan(0);
  model.dispose();
});

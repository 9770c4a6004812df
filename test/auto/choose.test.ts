import {prunerArgs, type Candidate, type Setting} from '../../lib/auto/candidate';
import {planSearch} from '../../lib/auto/choose';
import {countParameters} from '../../lib/auto/cost';
import {COSTS, type GoalArgs} from '../../lib/auto/goal';
import {sparsitiesWithin} from '../../lib/auto/within_cost';
import {prunableLayers, pruneAtOnce} from '../../lib/callbacks/granularity';
import {ModelState} from '../../lib/projection/model_state';
import {mlp} from '../setup/models';

/** The candidates that a goal leads to, and the parameters that each leaves at once. */
async function candidatesFor(goal: GoalArgs, finalEpochs: number, budget: number) {
  const model = mlp();
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  const state = new ModelState(model);
  const layers = prunableLayers(model, 'weight');
  const points = [{sparsity: 0.5, metric: 1.1}];
  const setting: Setting = {
    granularity: 'weight',
    layers,
    sensitivity: {
      granularity: 'weight',
      metric: 'loss',
      baseline: 1,
      layers: layers.map((layer) => ({...layer, points})),
    },
    isLoss: true,
    stepsPerEpoch: 4,
    leftAlone: [],
    seed: 1,
  };
  const tried: Array<{candidate: Candidate; parameters: number}> = [];
  let left = budget;
  const bench = {
    epochsLeft: () => left,
    tryOut: async (candidate: Candidate) => {
      left -= candidate.epochs;
      const {layers: selection, scope} = prunerArgs(candidate, setting);
      const {sparsity} = candidate;
      await pruneAtOnce(model, 'weight', {layers: selection, scope}, sparsity);
      const parameters = await countParameters(model, 'weight');
      state.restore();
      tried.push({candidate, parameters});
      return {metric: 1, drop: 0, sparsity, parameters};
    },
  };
  const workplace = {model, restore: () => state.restore()};
  const cost = COSTS.find((name) => goal[name] !== undefined);
  const sparsities = cost ? await sparsitiesWithin(cost, goal[cost]!, workplace, setting) : {};
  const search = planSearch(setting, {...goal, limit: 0}, sparsities, finalEpochs);
  await search(bench);
  state.dispose();
  return tried;
}

it.each([
  [2, 1],
  [3, 1],
  [5, 1],
  [8, 2],
  [9, 3],
])('of %s epochs a short trial has a third, rounded down: %s', async (finalEpochs, short) => {
  const tried = await candidatesFor({sparsity: 0.5}, finalEpochs, 4 * finalEpochs);
  const epochs = tried.map(({candidate}) => candidate.epochs);
  expect(new Set(epochs)).toEqual(new Set([short, finalEpochs]));
  expect(epochs[0]).toBe(short);
});

it.each([40, 41, 42.5, 43, 43.9, 44])('%s bytes are never exceeded', async (size) => {
  const tried = await candidatesFor({size}, 1, 4);
  expect(tried.length).toBeGreaterThan(1);
  for (const {parameters} of tried) {
    expect(4 * parameters).toBeLessThanOrEqual(size);
    expect(4 * parameters).toBeGreaterThan(size - 8);
  }
});

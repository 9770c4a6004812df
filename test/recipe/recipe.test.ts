import {PruningError} from '../../lib/base/errors';
import {checkRecipe} from '../../lib/recipe/recipe';

const step = {epochs: 1, ConstantSparsity: {targetSparsity: 0.5, beginStep: 0}};

describe('checkRecipe', () => {
  it.each([
    [{steps: [step]}],
    [{steps: [{...step, LearningRateRewinding: {schedule: [4], endStep: 8}}]}],
    [{steps: [{epochs: 2}], seed: 3, pack: {format: 'packed', quantize: {clusters: 16}}}],
    [
      {
        compile: {optimizer: 'adam', loss: 'meanSquaredError', metrics: ['accuracy']},
        steps: [
          {...step, name: 'prune', learningRate: 0.01, distill: {alpha: 0.5}, shrink: true},
          {epochs: 1, QuantizeAware: {}},
          {epochs: 1, QuantizeAware: {dtype: 4}},
        ],
      },
    ],
  ])('accepts %j', (recipe) => {
    expect(() => checkRecipe(recipe)).not.toThrow();
  });

  it.each<[unknown, string]>([
    [undefined, 'recipe: expected an object of options'],
    [
      {stpes: [step]},
      "recipe: expected options among compile, steps, pack, seed (perhaps steps), but got 'stpes'.",
    ],
    [{}, 'steps: expected a list of at least one step, but got undefined.'],
    [{steps: []}, 'steps: expected a list of at least one step, but got [].'],
    [{steps: [7]}, 'steps[0]: expected an object of options, but got 7.'],
    [{steps: [{}]}, 'steps[0].epochs: expected an integer of at least 1, but got undefined.'],
    [{steps: [step, {...step, epochs: 0}]}, 'steps[1].epochs: expected'],
    [{steps: [{epochs: 1, PolynomialDekay: {}}]}, '(perhaps PolynomialDecay)'],
    [{steps: [{...step, learningRate: 0}]}, 'steps[0].learningRate: expected a number above 0'],
    [{steps: [{...step, distill: {temprature: 2}}]}, '(perhaps temperature)'],
    [{steps: [{...step, shrink: 1}]}, 'steps[0].shrink: expected true or false, but got 1.'],
    [{steps: [{...step, name: 1}]}, 'steps[0].name: expected a text'],
    [{steps: [step], seed: -1}, 'seed: expected an integer of at least 0'],
    [{steps: [step], pack: {fromat: 'packed'}}, '(perhaps format)'],
    [{steps: [step], compile: {optimizer: 'adam'}}, 'compile.loss: expected a name'],
    [{steps: [step], compile: {optimzer: 'adam', loss: 'x'}}, '(perhaps optimizer)'],
    [{steps: [step], compile: {optimizer: 'adam', loss: 'x', metrics: 'a'}}, 'compile.metrics'],
    [
      {steps: [{epochs: 1, QuantizeAware: {}}, step]},
      'steps[1]: expected QuantizeAware or ClusterWeights, as in steps[0]',
    ],
  ])('refuses %j', (recipe, message) => {
    expect(() => checkRecipe(recipe)).toThrow(PruningError);
    expect(() => checkRecipe(recipe)).toThrow(message);
  });
});

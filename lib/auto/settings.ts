import type {PrunableLayer} from '../callbacks/granularity';
import type {AutoPruneArgs} from './args';
import {GOALS} from './goal';
import {plain, type Settings} from './material';

/**
 * The settings of a search, which trials in a journal rest on in addition to the model.
 *
 * @param args Its budget and its executor are no part: they may be others later.
 * @param material What tells model and data from others.
 */
export function settingsOf(
  args: AutoPruneArgs,
  layers: readonly PrunableLayer[],
  material: Settings,
): Settings {
  const {granularity = 'weight', seed = 1} = args;
  return plain({
    goal: Object.fromEntries(GOALS.map((goal) => [goal, args[goal]])),
    granularity,
    layers: layers.map(({name}) => name),
    metric: material.metric,
    validation: material.validation,
    train: {...(material.train as object), epochs: args.train.epochs},
    loss: material.loss,
    optimizer: material.optimizer,
    seed,
  });
}

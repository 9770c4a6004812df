import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import type {Recipe} from './recipe';

/**
 * Compiles `model` as the recipe says.
 *
 * @throws PruningError for a name that tfjs does not know, and where neither the
 *   recipe nor the user has compiled it.
 */
export function compileBy({compile}: Pick<Recipe, 'compile'>, model: LayersModel): void {
  if (compile === undefined) {
    const expected = 'a compiled model, or a recipe with compile: {optimizer, loss, metrics}';
    check(model.optimizer != null, 'model', expected, `'${model.name}' without an optimizer`);
    return;
  }
  try {
    model.compile(compile);
  } catch (cause) {
    const expected = 'names of an optimizer, a loss and metrics of tfjs';
    throw new PruningError('compile', expected, (cause as Error).message, {cause});
  }
}

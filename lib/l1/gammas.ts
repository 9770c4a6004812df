import {layers, LayersModel} from '@tensorflow/tfjs-layers';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {PruningError} from '../errors';
import type {PrunableWeight} from '../prunable';
import {check} from '../validate';

type Layer = layers.Layer;

interface Gamma extends PrunableWeight {
  /** Names by which the user can mean this layer. */
  readonly aliases: Set<string>;
}

/**
 * The gammas of the BatchNormalization layers of `model`, of nested models and
 * wrappers too: all, or those for which the predicate holds or that are named,
 * by the layer's name, a wrapper's or nested model's, or a path. A layer used
 * twice counts once.
 *
 * @throws PruningError where a name is unknown or nothing is selected.
 */
export function gammas(
  model: LayersModel,
  selection?: ((layer: Layer) => boolean) | readonly string[],
): PrunableWeight[] {
  const found = findGammas(model);
  const known = [...new Set(found.map(({name}) => name.slice(0, name.lastIndexOf('/'))))];
  if (typeof selection === 'object') {
    const unknown = selection.find((name) => !found.some(({aliases}) => aliases.has(name)));
    if (unknown !== undefined) {
      const expected = `names of BatchNormalization layers: ${known.join(', ') || '(no layer)'}`;
      throw new PruningError('layers', expected, unknown);
    }
  }
  const selected = found.filter(({layer, aliases}) =>
    typeof selection === 'object'
      ? selection.some((name) => aliases.has(name))
      : (selection?.(layer) ?? true),
  );
  check(
    selected.length > 0,
    'layers',
    'at least one BatchNormalization layer with a gamma',
    `none of ${known.join(', ') || '(no layer)'}`,
  );
  return selected;
}

function findGammas(model: LayersModel): Gamma[] {
  const found = new Map<LayerVariable, Gamma>();
  const walk = (layer: Layer, outer: readonly string[], outerAliases: readonly string[]) => {
    const path = [...outer, layer.name];
    const aliases = [...outerAliases, layer.name, path.join('/')];
    if (layer instanceof LayersModel) {
      layer.layers.forEach((child) => walk(child, path, aliases));
      return;
    }
    const wrapped: unknown = Reflect.get(layer, 'layer');
    if (wrapped instanceof layers.Layer) {
      walk(wrapped, path, aliases);
      return;
    }
    const variable = Reflect.get(layer, 'gamma') as LayerVariable | undefined;
    if (layer.getClassName() !== 'BatchNormalization' || !variable) {
      return;
    }
    const known = found.get(variable);
    if (known) {
      aliases.forEach((alias) => known.aliases.add(alias));
    } else {
      const name = [...path, 'gamma'].join('/');
      found.set(variable, {name, layer, variable, aliases: new Set(aliases)});
    }
  };
  model.layers.forEach((layer) => walk(layer, [], []));
  return [...found.values()];
}

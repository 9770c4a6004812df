import type {LayerVariable} from '@tensorflow/tfjs-layers';
import {layers, LayersModel, Sequential} from '@tensorflow/tfjs-layers';

import {cellOf} from './layer_parts';
import {uniqueName, weightName} from './weight_name';

type Layer = layers.Layer;

/** A weight of a layer in a model. */
export interface LayerWeight {
  /** Path of layer names and the weight's own, of this weight alone: `'encoder/lstm_1/recurrent_kernel'`. */
  readonly name: string;
  /** The layer as users know it, inside any wrapper or nested model; of a cell its RNN. */
  readonly layer: Layer;
  /** The layer or cell that has made the weight. */
  readonly maker: Layer;
  readonly variable: LayerVariable;
}

/** A weight, and how the user can mean it. */
export interface FoundWeight extends LayerWeight {
  /** The paths of its layer, of which a user gives names: one for each use, and of a cell its own. */
  readonly paths: readonly string[];
  /** Its layer, and of a recurrent one the cell that has made it. */
  readonly layers: readonly Layer[];
  /** Its own name, the last part of `name`. */
  readonly own: string;
}

/**
 * The weights that `weightsOf` gives for the layers of `model`: for those inside
 * nested models, wrappers and recurrent layers, not for these themselves. A layer
 * used twice counts once, and goes by the names of both uses.
 */
export function findWeights(
  model: LayersModel,
  weightsOf: (layer: Layer) => readonly LayerVariable[],
): FoundWeight[] {
  const found = new Map<LayerVariable, FoundWeight & {paths: string[]}>();
  const names = new Set<string>();
  const walk = (layer: Layer, outer: Place) => {
    const place = enter(layer, outer);
    const parts = partsOf(layer);
    parts.forEach((part) => walk(part, place));
    for (const variable of parts.length > 0 ? [] : weightsOf(layer)) {
      const known = found.get(variable);
      if (known) {
        known.paths.push(...place.paths);
        continue;
      }
      const name = uniqueName([...place.path, weightName(layer, variable)].join('/'), names);
      names.add(name);
      const owner = place.recurrent ?? layer;
      found.set(variable, {
        name,
        own: name.slice(place.paths[0].length + 1),
        layer: owner,
        layers: [owner, layer],
        maker: layer,
        variable,
        paths: [...place.paths],
      });
    }
  };
  outermostLayers(model).forEach(({layer, around}) => walk(layer, {path: [], paths: [], around}));
  return [...found.values()];
}

/**
 * The layers of `model` as `fit` has them: a model that begins a Sequential is none
 * of them, as tfjs puts the layers of that model in its place. They also go by its name.
 */
function outermostLayers(
  model: LayersModel,
  around: readonly string[] = [],
): Array<{layer: Layer; around: readonly string[]}> {
  return model.layers.flatMap((layer, i) =>
    i === 0 && model instanceof Sequential && layer instanceof LayersModel
      ? outermostLayers(layer, [...around, layer.name])
      : [{layer, around}],
  );
}

/** What a nested model, wrapper or recurrent layer is made of, in a fixed order; none for most. */
export function partsOf(layer: Layer): Layer[] {
  if (layer instanceof LayersModel) {
    return layer.layers;
  }
  // A Bidirectional also keeps the layer that its two were copied from.
  const properties =
    layer.getClassName() === 'Bidirectional'
      ? ['forwardLayer', 'backwardLayer']
      : ['layer', 'cell', 'cells'];
  const values = properties.flatMap((property) => Reflect.get(layer, property) as unknown);
  return values.filter((value): value is Layer => value instanceof layers.Layer);
}

/** Where the walk is. */
interface Place {
  /** The names of the layers entered. */
  readonly path: readonly string[];
  /** The path, and that of a cell in it. */
  readonly paths: readonly string[];
  /** Names of models that tfjs has put their layers in the place of. */
  readonly around: readonly string[];
  /** The recurrent layer around a cell. */
  readonly recurrent?: Layer;
}

function enter(layer: Layer, outer: Place): Place {
  const isOnlyCell = outer.recurrent !== undefined && cellOf(outer.recurrent) === layer;
  // A cell is made by its layer, and users know that; only stacked cells need names.
  const path = isOnlyCell ? outer.path : [...outer.path, layer.name];
  const own = isOnlyCell ? [path, [...outer.path, layer.name]] : [path];
  const {around} = outer;
  const further = around.length > 0 ? own.map((each) => [...around, ...each]) : [];
  return {
    path,
    paths: [...own, ...further].map((each) => each.join('/')),
    around,
    recurrent: outer.recurrent ?? (cellOf(layer) ? layer : undefined),
  };
}

import type {layers, LayerVariable} from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;

/**
 * What a weight of `layer` is called there: the last part of its name, such as
 * `'kernel'`, or as many of the last parts as tell it apart from its others.
 */
export function weightName(layer: Layer, variable: LayerVariable): string {
  const parts = variable.originalName.split('/');
  const others = layer.weights.filter((other) => other !== variable);
  const suffixes = parts.map((_, i) => parts.slice(-1 - i).join('/'));
  const isTaken = (suffix: string) =>
    others.some(({originalName}) => `/${originalName}`.endsWith(`/${suffix}`));
  return suffixes.find((suffix) => !isTaken(suffix)) ?? suffixes[0];
}

/** `name`, with the first number behind it that makes it a new one of `taken`. */
export function uniqueName(name: string, taken: ReadonlySet<string>): string {
  let unique = name;
  for (let i = 1; taken.has(unique); i++) {
    unique = `${name}_${i}`;
  }
  return unique;
}

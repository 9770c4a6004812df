import type {Tensor} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;

/**
 * Calls `see` with what each of `watched` is called with while `run` runs,
 * wherever it is: in a nested model, a wrapper, or several times in one model.
 */
export function watchInputs(
  watched: Iterable<Layer>,
  see: (layer: Layer, inputs: readonly Tensor[]) => void,
  run: () => void,
): void {
  const restores: Array<() => void> = [];
  try {
    for (const layer of watched) {
      const own = Object.getOwnPropertyDescriptor(layer, 'call');
      const call = layer.call.bind(layer);
      layer.call = (inputs, kwargs) => {
        see(layer, [inputs].flat());
        return call(inputs, kwargs);
      };
      restores.push(() =>
        own ? Object.defineProperty(layer, 'call', own) : Reflect.deleteProperty(layer, 'call'),
      );
    }
    run();
  } finally {
    restores.forEach((restore) => restore());
  }
}

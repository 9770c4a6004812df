import type {Tensor} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;
type Call = (inputs: Tensor | Tensor[]) => Tensor | Tensor[];

/**
 * Puts `around` in the place of each call of `intercepted` while `run` runs,
 * wherever the layer is: in a nested model, a wrapper, or several times in one model.
 */
export function interceptCalls(
  intercepted: Iterable<Layer>,
  around: (layer: Layer, inputs: Tensor | Tensor[], call: Call) => Tensor | Tensor[],
  run: () => void,
): void {
  const restores: Array<() => void> = [];
  try {
    for (const layer of intercepted) {
      const own = Object.getOwnPropertyDescriptor(layer, 'call');
      const call = layer.call.bind(layer);
      layer.call = (inputs, kwargs) => around(layer, inputs, (given) => call(given, kwargs));
      restores.push(() =>
        own ? Object.defineProperty(layer, 'call', own) : Reflect.deleteProperty(layer, 'call'),
      );
    }
    run();
  } finally {
    restores.forEach((restore) => restore());
  }
}

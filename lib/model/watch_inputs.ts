import type {Tensor} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

import {interceptCalls} from './intercept_calls';

type Layer = layers.Layer;

/** Calls `see` with what each of `watched` is called with while `run` runs. */
export function watchInputs(
  watched: Iterable<Layer>,
  see: (layer: Layer, inputs: readonly Tensor[]) => void,
  run: () => void,
): void {
  interceptCalls(
    watched,
    (layer, inputs, call) => {
      see(layer, [inputs].flat());
      return call(inputs);
    },
    run,
  );
}

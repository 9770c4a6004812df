import * as tfl from '@tensorflow/tfjs-layers';

/** An MLP of 784 inputs and 10 classes, compiled, to time batches of. */
export function mlp(hidden: readonly number[]): tfl.Sequential {
  const layers = [...hidden, 10].map((units, i) =>
    tfl.layers.dense({
      units,
      activation: i < hidden.length ? 'relu' : 'softmax',
      ...(i === 0 ? {inputShape: [784]} : {}),
    }),
  );
  const model = tfl.sequential({layers});
  model.compile({optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy']});
  return model;
}

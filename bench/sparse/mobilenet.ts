import * as tfl from '@tensorflow/tfjs-layers';

/** Channels and strides of the blocks of MobileNetV1. */
export const BLOCKS: ReadonlyArray<readonly [channels: number, stride: number]> = [
  ...([
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
  ] as const),
  ...([
    [512, 2],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
  ] as const),
  ...([
    [1024, 2],
    [1024, 1],
  ] as const),
];

/** MobileNetV1 for 1,000 classes, as Keras has it: normalization and activation are layers. */
export function mobileNet(width: number, side: number): tfl.LayersModel {
  const same = {padding: 'same', useBias: false} as const;
  const activate = () => [tfl.layers.batchNormalization(), tfl.layers.reLU({maxValue: 6})];
  const channels = (all: number) => Math.floor(all * width);
  const stem = {filters: channels(32), kernelSize: 3, strides: 2, inputShape: [side, side, 3]};
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({...same, ...stem}),
      ...activate(),
      ...BLOCKS.flatMap(([all, strides]) => [
        tfl.layers.depthwiseConv2d({...same, kernelSize: 3, strides}),
        ...activate(),
        tfl.layers.conv2d({...same, filters: channels(all), kernelSize: 1}),
        ...activate(),
      ]),
      tfl.layers.globalAveragePooling2d({}),
      tfl.layers.dense({units: 1000, activation: 'softmax'}),
    ],
  });
}

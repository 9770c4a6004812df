import type {LayersModel} from '@tensorflow/tfjs-layers';

/** What `fitDataset` takes, such as a `tf.data.Dataset`: batches `{xs, ys}`. */
export type TrainingDataset = Parameters<LayersModel['evaluateDataset']>[0];

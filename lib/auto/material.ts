import {Conv2DBackpropInput, getBackend, version_core} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {Hash} from '../base/hash';
import {version} from '../base/version';
import {digestOf} from '../data/digest';
import type {EvaluationMetric} from '../data/evaluation';
import {isDataset, type Samples} from '../data/samples';
import {countSteps, samplesOf, type TrainingData} from '../data/training_data';
import {isOverridden} from '../kernels/override_kernel';
import {trainedModel} from '../model/trained_model';
import {fingerprint} from './fingerprint';

/** What trials rest on; each part is plain JSON. */
export type Settings = Readonly<Record<string, unknown>>;

/** What tasks are done with. */
export interface Material {
  model: LayersModel;
  /** What to train with; absent where nothing is trained. */
  train?: TrainingData;
  /** What to judge by. */
  validation: Samples;
  metric: EvaluationMetric;
  /** Data for an importance that looks at some. */
  calibration?: Samples;
}

/**
 * What tells material from other material. Of what plain JSON can't hold, such as functions
 * and samples, it has enough for that: digests of a function's text, and of all values of
 * tensors and of the validation dataset. A training dataset, which may change at random each
 * time, is known by its number of batches only.
 */
export async function describeMaterial(material: Material): Promise<Settings> {
  const {model, train, validation, metric, calibration} = material;
  const {optimizer, loss, metrics} = trainedModel(model);
  return plain({
    metric: metric === 'accuracy' ? {accuracy: metrics} : metric,
    validation: await digestOf(validation),
    ...(train ? {train: await describeTraining(train)} : {}),
    ...(calibration ? {calibration: await digestOf(calibration)} : {}),
    loss,
    optimizer: optimizer && {name: optimizer.getClassName(), ...optimizer.getConfig()},
  });
}

/** What tells where and with what tasks are done: the material, the versions, and the backend. */
export async function describeGround(material: Material): Promise<Settings> {
  return {
    version,
    tfjs: version_core,
    backend: getBackend(),
    // Whose results may differ in the last digits.
    kernels: isOverridden(Conv2DBackpropInput),
    model: await fingerprint(material.model),
    ...(await describeMaterial(material)),
  };
}

async function describeTraining(train: TrainingData): Promise<object> {
  const samples = samplesOf(train);
  return {
    samples: isDataset(samples) ? 'a dataset' : await digestOf(samples),
    stepsPerEpoch: await countSteps(train),
    batchSize: isDataset(samples) ? undefined : samples.batchSize,
  };
}

/** The value as JSON has it; functions by name and text. */
export function plain(value: object): Settings {
  const text = JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'function' ? describe(each) : each,
  );
  return JSON.parse(text) as Settings;
}

/** The name of a function, and a digest of its text. */
function describe(given: object & {name?: string}): string {
  const hash = new Hash();
  hash.text(String(given));
  return `${given.name || 'function'} ${hash.digest()}`;
}

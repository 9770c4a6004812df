import {version_core} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {describeGround, type Material, type Settings} from '../auto/material';
import {check} from '../base/check';
import {version as ownVersion} from '../base/version';
import type {EvaluationMetric} from '../data/evaluation';
import {isDataset, type Samples} from '../data/samples';
import type {TrainingData} from '../data/training_data';
import {startSameBackend} from './backend';
import {importData} from './data_module';

/**
 * What tasks on the ground of `settings` are done with: the data, and maybe the model and the
 * metric, that the module at `path` exports. The backend is the one of the settings.
 *
 * @param modelOf The model where the module exports none.
 * @throws PruningError where the module lacks something, and where model, data or versions are
 *   others than those of the settings; it says which.
 */
export async function loadMaterial(
  path: string,
  settings: Settings,
  modelOf: () => Promise<LayersModel>,
): Promise<Material> {
  // Another version may have settings of other kinds.
  const {version, tfjs} = settings;
  checkGround(path, {version, tfjs}, {version: ownVersion, tfjs: version_core});
  await startSameBackend(settings.backend as string, settings.kernels === true);
  const needed = (['train', 'calibration'] as const).filter((name) => settings[name] !== undefined);
  const data = await importData(path, ['validation', ...needed]);
  const material: Material = {
    model: data.model ?? (await modelOf()),
    validation: data.validation,
    metric: metricOf(path, settings.metric, data.metric),
    // Each trial has epochs of its own.
    ...(needed.includes('train') ? {train: trainingOf(data.train, 1)} : {}),
    ...(needed.includes('calibration') ? {calibration: data.calibration} : {}),
  };
  checkGround(path, settings, await describeGround(material));
  return material;
}

/** Samples of a module to train with. */
export function trainingOf(samples: Samples, epochs: number): TrainingData {
  return isDataset(samples)
    ? {dataset: () => samples, epochs}
    : {...samples, y: samples.y!, epochs};
}

function metricOf(path: string, described: unknown, own: EvaluationMetric | undefined) {
  if (described === 'loss') {
    return 'loss';
  }
  if (typeof described === 'object') {
    return 'accuracy';
  }
  check(own !== undefined, path, `a module that exports 'metric', ${String(described)}`, 'none');
  return own;
}

/** Throws where something is another one, and names it. */
function checkGround(path: string, wanted: Settings, own: Settings): void {
  const show = (value: unknown) => JSON.stringify(value);
  const others = Object.keys(wanted).filter((part) => show(wanted[part]) !== show(own[part]));
  const list = (from: Settings) => others.map((part) => `${part} ${show(from[part])}`).join(', ');
  check(others.length === 0, path, `the driver's ${list(wanted)}`, list(own));
}

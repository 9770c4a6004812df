import {PruningError} from '../base/errors';
import type {PrunableLayer} from '../callbacks/granularity';
import type {Crew, LayerTask} from './executor';
import type {LayerSensitivity} from './sensitivity_result';

/** A measurement of a scan, as soon as it is there. */
export interface ScanStep {
  layer: string;
  sparsity: number;
  metric: number;
  done: number;
  total: number;
}

/** What is measured, and how. */
export interface ScanArgs extends Omit<LayerTask, 'kind' | 'layer' | 'sparsity'> {
  layers: readonly PrunableLayer[];
  sparsities: readonly number[];
  /** Called after each measurement; ends the scan by throwing. */
  onStep: (step: ScanStep) => Promise<void>;
}

/** Measures the model with each layer pruned alone to each sparsity: all at once, as far as `crew` can. */
export async function scan(
  crew: Crew,
  {layers, sparsities, onStep, ...rest}: ScanArgs,
): Promise<LayerSensitivity[]> {
  const tasks = layers.flatMap(({name}) =>
    sparsities.map((sparsity): LayerTask => ({kind: 'layer', ...rest, layer: name, sparsity})),
  );
  const metrics: number[] = [];
  let done = 0;
  // Alone, each waits until it is known that the scan goes on.
  for (let first = 0; first < tasks.length;) {
    const part = tasks.slice(first, crew.size === 1 ? first + 1 : undefined);
    const runs = crew.run(part, () => {});
    try {
      await Promise.all(
        runs.map(async ({outcome}, i) => {
          const measured = await outcome;
          const {layer, sparsity} = part[i];
          if ('failed' in measured) {
            throw new PruningError(`layer ${layer}`, 'a measurement', measured.failed);
          }
          metrics[first + i] = measured.metric;
          ++done;
          await onStep({layer, sparsity, metric: measured.metric, done, total: tasks.length});
        }),
      );
    } finally {
      runs.forEach((run) => run.cancel());
    }
    first += part.length;
  }
  return layers.map((layer, i) => ({
    ...layer,
    points: sparsities.map((sparsity, k) => ({
      sparsity,
      metric: metrics[i * sparsities.length + k],
    })),
  }));
}

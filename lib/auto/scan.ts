import type {PrunableLayer} from '../callbacks/granularity';
import type {Crew, LayerTask} from './executor';
import type {LayerSensitivity} from './sensitivity_result';

/** A measurement of a scan, as soon as it is there. */
export interface ScanStep {
  layer: string;
  sparsity: number;
  metric: number;
  /** Why there is no metric, where no worker has survived the measurement. */
  failed?: string;
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

/**
 * Measures the model with each layer pruned alone to each sparsity: all at once, as far as `crew`
 * can. What no worker survives is marked as failed.
 */
export async function scan(
  crew: Crew,
  {layers, sparsities, onStep, ...rest}: ScanArgs,
): Promise<LayerSensitivity[]> {
  const tasks = layers.flatMap(({name}) =>
    sparsities.map((sparsity): LayerTask => ({kind: 'layer', ...rest, layer: name, sparsity})),
  );
  const points: Array<LayerSensitivity['points'][number]> = [];
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
          const isFailed = 'failed' in measured;
          const found = isFailed
            ? {metric: NaN, failed: measured.failed}
            : {metric: measured.metric};
          points[first + i] = {sparsity, ...found};
          ++done;
          await onStep({layer, sparsity, ...found, done, total: tasks.length});
        }),
      );
    } finally {
      runs.forEach((run) => run.cancel());
    }
    first += part.length;
  }
  return layers.map((layer, i) => ({
    ...layer,
    points: sparsities.map((_, k) => points[i * sparsities.length + k]),
  }));
}

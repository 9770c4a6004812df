import type {Scalar} from '@tensorflow/tfjs-core';
import {Callback} from '@tensorflow/tfjs-layers';

/** Called after each epoch of a training, counted from 1, with losses and metrics; ends it by throwing. */
export type EpochListener = (epoch: number, logs: Record<string, number>) => Promise<void>;

type Logs = Parameters<Callback['onEpochEnd']>[1];

/** Ends a training where something says so, between two steps, so that it ends in order. */
export class Guard extends Callback {
  private reason: {error: unknown} | null = null;

  constructor(
    private readonly signal: AbortSignal | undefined,
    private readonly onEpoch: EpochListener,
  ) {
    super();
  }

  override async onBatchEnd(): Promise<void> {
    if (this.signal?.aborted) {
      this.stop(this.signal.reason);
    }
  }

  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    if (this.reason === null) {
      await this.tell(epoch + 1, logs).catch((error: unknown) => this.stop(error));
    }
  }

  throwIfStopped(): void {
    if (this.reason !== null) {
      throw this.reason.error;
    }
  }

  private async tell(epoch: number, logs: Logs): Promise<void> {
    await this.onEpoch(epoch, await numbers(logs));
  }

  private stop(error: unknown): void {
    this.reason = {error};
    this.model.stopTraining = true;
  }
}

/** tfjs says in its types that all are numbers; some are scalars. */
async function numbers(logs: Logs): Promise<Record<string, number>> {
  const values = Object.entries(logs ?? {}).map(
    async ([name, value]: [string, number | Scalar]) => [
      name,
      typeof value === 'number' ? value : (await value.data())[0],
    ],
  );
  return Object.fromEntries(await Promise.all(values)) as Record<string, number>;
}

import {Callback} from '@tensorflow/tfjs-layers';

/** What `fit` tells hooks of losses and metrics. */
type Logs = Parameters<Callback['onEpochEnd']>[1];

/** Called after each epoch of a training, counted from 0; ends it by throwing. */
export type EpochListener = (epoch: number, logs: Logs) => Promise<void>;

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
      await this.onEpoch(epoch, logs).catch((error: unknown) => this.stop(error));
    }
  }

  throwIfStopped(): void {
    if (this.reason !== null) {
      throw this.reason.error;
    }
  }

  private stop(error: unknown): void {
    this.reason = {error};
    this.model.stopTraining = true;
  }
}

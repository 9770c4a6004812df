import {ModelState} from '../projection/model_state';
import type {TaskOutcome} from './executor';
import {writeTrainedWeights} from './trained_weights';
import type {Workplace} from './workplace';

/** The model as the best candidate left it. */
export interface Kept {
  restore(): void;
  dispose(): void;
}

/** What the model was trained to, if it is known. */
export function keep(workplace: Workplace, isHere: boolean, result: TaskOutcome): Kept | null {
  if (isHere) {
    return new ModelState(workplace.model);
  }
  const {weights} = result as {weights?: Uint8Array};
  return weights === undefined ? null : new Sent(workplace, weights);
}

/** Weights that came from elsewhere. */
class Sent implements Kept {
  constructor(
    private readonly workplace: Workplace,
    private readonly weights: Uint8Array,
  ) {}

  restore(): void {
    this.workplace.restore();
    writeTrainedWeights(this.workplace.model, this.weights);
  }

  dispose(): void {}
}

import {nextFrame} from '@tensorflow/tfjs-core';

/** As tfjs yields to the browser in a plain `fit`; it does not for a list of callbacks. */
const YIELD_EVERY_MS = 125;

/** Lets a browser draw and react during long work. */
export class Pace {
  private yielded = Date.now();

  /** @param every Milliseconds of work after which to rest. */
  constructor(private readonly every = YIELD_EVERY_MS) {}

  /** Waits for a frame, if none was waited for in a while. */
  async rest(): Promise<void> {
    if (Date.now() - this.yielded > this.every) {
      await nextFrame();
      this.yielded = Date.now();
    }
  }
}

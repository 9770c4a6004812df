const HEIGHT = 200;
const LEAST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 3000;
/** Share of the time that drawing may take. */
const LOAD = 0.1;

/**
 * Starts to load tfjs-vis with the page, not when training needs the machine.
 * By the module of its own: the package's main one brings all of tfjs-core,
 * which this thread does not need.
 */
const loading = import('@tensorflow/tfjs-vis/dist/render/linechart');

export interface ChartArgs {
  /** Names of the lines and their colors. */
  lines: Record<string, string>;
  /** Of the y axis. Default: as the values are. */
  domain?: [number, number];
}

/** A chart that grows while training goes on. */
export class LiveChart {
  private readonly values: number[][];
  private pause = LEAST_PAUSE_MS;
  private isDrawing = false;
  /** Whether there is more to draw than what is being drawn. */
  private isDue = false;
  private width = 0;

  constructor(
    private readonly surface: HTMLElement,
    private readonly args: ChartArgs,
  ) {
    this.values = Object.keys(args.lines).map(() => []);
    new ResizeObserver(() => {
      if (surface.clientWidth !== this.width) {
        void this.draw();
      }
    }).observe(surface);
  }

  clear(): void {
    this.values.forEach((line) => line.splice(0));
    this.surface.replaceChildren();
  }

  /**
   * A value for each line at `step`. tfjs-vis puts the i-th value at i, so the
   * steps in between get values between.
   */
  push(step: number, ...values: number[]): void {
    this.values.forEach((line, i) => {
      const begin = line.length;
      const from = line.at(-1) ?? values[i];
      for (let at = begin; at <= step; ++at) {
        line.push(from + ((values[i] - from) * (at - begin + 1)) / (step - begin + 1));
      }
    });
    void this.draw();
  }

  /** Draws soon, and not too often: a slow machine gets fewer frames. */
  private async draw(): Promise<void> {
    this.isDue = true;
    if (this.isDrawing) {
      return;
    }
    this.isDrawing = true;
    while (this.isDue) {
      await new Promise((resolve) => setTimeout(resolve, this.pause));
      this.isDue = false;
      const start = performance.now();
      await this.render();
      const pause = (performance.now() - start) / LOAD;
      this.pause = Math.min(Math.max(pause, LEAST_PAUSE_MS), LONGEST_PAUSE_MS);
    }
    this.isDrawing = false;
  }

  private async render(): Promise<void> {
    const {linechart} = await loading;
    this.width = this.surface.clientWidth;
    // A hidden one has no width, and is drawn when it is shown.
    if (this.width > 0 && this.values[0].length > 1) {
      const data = {
        values: this.values.map((line) => line.map((y, x) => ({x, y}))),
        series: Object.keys(this.args.lines),
      };
      await linechart(this.surface, data, {
        width: this.width,
        height: HEIGHT,
        // In the style sheet: vega cuts the feet of letters off.
        xLabel: '',
        yLabel: '',
        seriesColors: Object.values(this.args.lines),
        ...(this.args.domain ? {yAxisDomain: this.args.domain} : {}),
      });
    }
  }
}

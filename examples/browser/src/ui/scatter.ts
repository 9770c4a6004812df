const HEIGHT = 240;

/** Points of one color. */
export interface Series {
  name: string;
  points: ReadonlyMap<number, number>;
}

/** Draws accuracies over sparsities, by tfjs-vis; see `LiveChart` for why by this module. */
export async function scatter(surface: HTMLElement, series: readonly Series[]): Promise<void> {
  if (surface.clientWidth === 0) {
    return;
  }
  const {scatterplot} = await import('@tensorflow/tfjs-vis/dist/render/scatterplot');
  await scatterplot(
    surface,
    {
      values: series.map(({points}) => [...points].map(([x, y]) => ({x, y}))),
      series: series.map(({name}) => name),
    },
    {
      width: surface.clientWidth,
      height: HEIGHT,
      xLabel: '',
      yLabel: 'accuracy',
      xAxisDomain: [0, 1],
      yAxisDomain: [0, 1],
      seriesColors: ['#2a7de1', '#e08a1e'],
    },
  );
}

import {PruningError} from '../../../lib/index';
import {tfvisSink, type TfvisArgs} from '../../../lib/report/logger/tfvis';
import {ENTRY} from './entries';

const SURFACE = {name: 'Sparsity', tab: 'Pruning'};
const THRESHOLDS = {name: 'Thresholds', tab: 'Pruning'};

/** A tfjs-vis that remembers what it was to draw. */
function fakeTfvis() {
  const charts: unknown[][] = [];
  return {charts, tfvis: {render: {linechart: async (...chart: unknown[]) => charts.push(chart)}}};
}

describe('tfvisSink', () => {
  it('draws a line of the sparsity of each weight, a point longer each time', async () => {
    const {charts, tfvis} = fakeTfvis();
    const sink = tfvisSink({tfvis, surface: SURFACE});
    await sink.write(ENTRY);
    await sink.write({...ENTRY, step: 12});
    const options = {xLabel: 'entry', yLabel: 'sparsity'};
    const series = ['dense_0/kernel', 'dense_10/recurrent_kernel'];
    const points = (y: number) => [
      {x: 8, y},
      {x: 12, y},
    ];
    expect(charts).toEqual([
      [SURFACE, {values: [[{x: 8, y: 0.5}], [{x: 8, y: 0}]], series}, options],
      [SURFACE, {values: [points(0.5), points(0)], series}, options],
    ]);
  });

  it('draws the thresholds of masked weights where it is told', async () => {
    const {charts, tfvis} = fakeTfvis();
    const sink = tfvisSink({tfvis, surface: SURFACE, thresholdSurface: THRESHOLDS});
    await sink.write(ENTRY);
    expect(charts[1]).toEqual([
      THRESHOLDS,
      {values: [[{x: 8, y: 0.25}]], series: ['dense_0/kernel']},
      {xLabel: 'entry', yLabel: 'threshold'},
    ]);
  });

  it('gives each line a point an entry, also of a weight that is masked later', async () => {
    const {charts, tfvis} = fakeTfvis();
    const sink = tfvisSink({tfvis, surface: SURFACE, thresholdSurface: THRESHOLDS});
    const [masked, unmasked] = ENTRY.weights;
    await sink.write(ENTRY);
    await sink.write({...ENTRY, step: 12, weights: [masked, {...unmasked, threshold: 0.5}]});
    const {values} = charts[3][1] as {values: unknown};
    expect(values).toEqual([
      [
        {x: 8, y: 0.25},
        {x: 12, y: 0.25},
      ],
      [
        {x: 8, y: NaN},
        {x: 12, y: 0.5},
      ],
    ]);
  });

  it('draws no thresholds while there is no mask', async () => {
    const {charts, tfvis} = fakeTfvis();
    const sink = tfvisSink({tfvis, surface: SURFACE, thresholdSurface: THRESHOLDS});
    await sink.write({...ENTRY, weights: [ENTRY.weights[1]]});
    expect(charts.map(([surface]) => surface)).toEqual([SURFACE]);
  });

  it('begins a new chart with each training', async () => {
    const {charts, tfvis} = fakeTfvis();
    const sink = tfvisSink({tfvis, surface: SURFACE});
    await sink.write(ENTRY);
    await sink.begin?.();
    await sink.write(ENTRY);
    expect(charts[1]).toEqual(charts[0]);
  });

  const {tfvis} = fakeTfvis();
  it.each([
    ['tfvis: expected an object of options', tfvis.render.linechart],
    ['tfvis.tfvis: expected the module @tensorflow/tfjs-vis', {surface: SURFACE}],
    ['tfvis.tfvis: expected the module', {tfvis: {render: {}}, surface: SURFACE}],
    ['tfvis.surface: expected a {name, tab}, a surface of tfjs-vis or an HTML element', {tfvis}],
    ['tfvis.surface: expected', {tfvis, surface: 'Sparsity'}],
    ['tfvis.thresholdSurface: expected', {tfvis, surface: SURFACE, thresholdSurface: null}],
    ['tfvis: expected options among tfvis, surface', {tfvis, surface: SURFACE, tab: 'Pruning'}],
  ])('refuses: %s', (message, args) => {
    const sink = () => tfvisSink(args as unknown as TfvisArgs);
    expect(sink).toThrow(PruningError);
    expect(sink).toThrow(message);
  });
});

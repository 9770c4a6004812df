import {check, checkOptions} from '../../base/check';
import type {SparsityEntry, SparsitySink, WeightEntry} from './entry';

interface Point {
  x: number;
  y: number;
}

/** The parts of the tfjs-vis module that are used. */
export interface Tfvis {
  /** The drawing functions. */
  render: {
    /** Draws one line per series. */
    linechart(
      surface: object,
      data: {values: Point[][]; series: string[]},
      options: {xLabel: string; yLabel: string},
    ): unknown;
  };
}

/** Where tfjs-vis draws. */
export interface TfvisArgs {
  /** The module: `import * as tfvis from '@tensorflow/tfjs-vis'`. */
  tfvis: Tfvis;
  /** Where to draw the sparsity of each weight: a `{name, tab}`, a surface or an HTML element. */
  surface: object;
  /** Where to draw the threshold of each weight. Default: nowhere. */
  thresholdSurface?: object;
}

/**
 * Draws lines over the entries of this training, one a weight. tfjs-vis places
 * the points of a line by their number and not by their x.
 */
export function tfvisSink(args: TfvisArgs): SparsitySink {
  checkOptions('tfvis', args, ['tfvis', 'surface', 'thresholdSurface']);
  const {tfvis, surface, thresholdSurface} = args;
  check(
    typeof tfvis?.render?.linechart === 'function',
    'tfvis.tfvis',
    'the module @tensorflow/tfjs-vis, with render.linechart()',
    tfvis,
  );
  checkSurface('tfvis.surface', surface);
  if (thresholdSurface !== undefined) {
    checkSurface('tfvis.thresholdSurface', thresholdSurface);
  }
  let entries: SparsityEntry[] = [];
  const draw = async (on: object, key: 'sparsity' | 'threshold') => {
    const lines = linesOf(entries, key);
    if (lines.size > 0) {
      const data = {values: [...lines.values()], series: [...lines.keys()]};
      await tfvis.render.linechart(on, data, {xLabel: 'entry', yLabel: key});
    }
  };
  return {
    begin() {
      entries = [];
    },
    async write(entry) {
      entries.push(entry);
      await draw(surface, 'sparsity');
      if (thresholdSurface !== undefined) {
        await draw(thresholdSurface, 'threshold');
      }
    },
  };
}

/**
 * The points of each weight by its name; none of a weight that never has such a
 * number. All lines have a point an entry, as tfjs-vis expects: NaN is not drawn.
 */
function linesOf(
  entries: readonly SparsityEntry[],
  key: keyof Pick<WeightEntry, 'sparsity' | 'threshold'>,
): Map<string, Point[]> {
  const lines = new Map<string, Point[]>();
  entries.forEach(({step, weights}, i) => {
    for (const {name, [key]: y} of weights) {
      if (y !== null) {
        const line = lines.get(name) ?? entries.map((entry) => ({x: entry.step, y: NaN}));
        line[i] = {x: step, y};
        lines.set(name, line);
      }
    }
  });
  return lines;
}

function checkSurface(argument: string, surface: unknown): void {
  check(
    typeof surface === 'object' && surface !== null,
    argument,
    'a {name, tab}, a surface of tfjs-vis or an HTML element',
    surface,
  );
}

import type {layers} from '@tensorflow/tfjs-layers';

import type {Network} from './api';

/** Units of a layer that are drawn, at most. */
const MOST = 16;

/** Some of the units of `made`, layers with kernels, and of what they see. */
export async function networkOf(
  made: readonly layers.Layer[],
  titles: readonly string[],
): Promise<Network> {
  let before = made[0].getWeights()[0].shape.at(-2)!;
  let drawn = some(before);
  const columns: Network['columns'] = [
    {title: before > 1 ? 'Pixels' : 'Image', units: before, kept: drawn.map(() => true)},
  ];
  const links: Float32Array[] = [];
  for (const [i, layer] of made.entries()) {
    const [kernel] = layer.getWeights();
    const values = await kernel.data<'float32'>();
    const units = kernel.shape.at(-1)!;
    const own = some(units);
    const largest = new Float32Array(drawn.length * own.length);
    const kept = own.map(() => false);
    const position = new Map(drawn.map((unit, at) => [unit, at]));
    for (let row = 0; row < values.length / units; ++row) {
      // A convolution has a kernel for each channel, and a dense layer after it sees each place.
      const from = position.get(row % before);
      own.forEach((unit, to) => {
        const value = values[row * units + unit];
        kept[to] ||= value !== 0;
        if (from !== undefined && Math.abs(value) > Math.abs(largest[from * own.length + to])) {
          largest[from * own.length + to] = value;
        }
      });
    }
    columns.push({title: titles[i], units, kept});
    links.push(largest);
    [before, drawn] = [units, own];
  }
  return {columns, links};
}

/** Which of `units` are drawn: evenly spread, from the middle, where digits are. */
function some(units: number): number[] {
  const count = Math.min(units, MOST);
  return Array.from({length: count}, (_, i) => Math.floor(((i + 0.5) * units) / count));
}

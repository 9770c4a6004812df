import type {LayerSensitivity, SensitivityResult} from './sensitivity_result';

/** Sparsities in halvings of the density: 0.5 is 1, 0.75 is 2. */
export function halvings(sparsity: number): number {
  return -Math.log2(1 - sparsity);
}

/** The inverse of `halvings`. */
export function sparsityAt(halved: number): number {
  return 1 - 2 ** -halved;
}

/** No layer is pruned further than to 2⁻¹⁰ of its weights. */
const MOST_HALVINGS = 10;

/**
 * Sparsities of layers that give `sparsity` over all, such that each layer
 * alone costs the model the same: layers that bear more get more.
 *
 * @returns For each layer of `result` a sparsity in [0, 1).
 * @example
 * const points = (metric: number) => [{sparsity: 0.5, metric}];
 * const layers = [{name: 'a', size: 10, points: points(0.8)}, {name: 'b', size: 10, points: points(0.6)}];
 * allocate({granularity: 'weight', metric: 'accuracy', baseline: 1, layers}, 0.5, false);
 * //=> more than 0.5 for a, less for b
 */
export function allocate(result: SensitivityResult, sparsity: number, isLoss: boolean): number[] {
  const curves = result.layers.map((layer) => new Curve(layer, result.baseline, isLoss));
  const sizes = result.layers.map(({size}) => size);
  const size = sizes.reduce((all, each) => all + each, 0);
  const at = (drop: number) => curves.map((curve) => curve.sparsityFor(drop));
  const reached = (list: readonly number[]) =>
    list.reduce((all, each, i) => all + each * sizes[i], 0) / size;
  let [low, high] = [-1, 1e-9];
  while (reached(at(high)) < sparsity && high < 1e9) {
    high *= 2;
  }
  for (let pass = 0; pass < 60; ++pass) {
    const middle = (low + high) / 2;
    [low, high] = reached(at(middle)) < sparsity ? [middle, high] : [low, middle];
  }
  // Where a layer bears more at no cost, there is a leap between the two.
  const [below, above] = [at(low), at(high)];
  const share = (sparsity - reached(below)) / (reached(above) - reached(below) || 1);
  return below.map((each, i) => each + Math.min(share, 1) * (above[i] - each));
}

/** The overall sparsity at which no layer alone costs more than `drop`. */
export function bearable(result: SensitivityResult, drop: number, isLoss: boolean): number {
  const size = result.layers.reduce((all, layer) => all + layer.size, 0);
  const pruned = result.layers.reduce((all, layer) => {
    return all + layer.size * new Curve(layer, result.baseline, isLoss).sparsityFor(drop);
  }, 0);
  return pruned / size;
}

/** What the model loses, over the halvings of one layer. It never falls, and goes on to rise. */
class Curve {
  private readonly points: Array<{halved: number; drop: number}> = [{halved: 0, drop: 0}];

  constructor(layer: LayerSensitivity, baseline: number, isLoss: boolean) {
    const measured = layer.points
      .filter(({failed}) => failed === undefined)
      .sort((a, b) => a.sparsity - b.sparsity);
    let most = 0;
    for (const {sparsity, metric} of measured.filter((point) => point.sparsity > 0)) {
      const drop = isLoss ? metric - baseline : baseline - metric;
      most = Math.max(most, Number.isNaN(drop) ? Infinity : drop);
      this.points.push({halved: halvings(sparsity), drop: most});
    }
    const last = this.points[this.points.length - 1];
    // Beyond what was measured each halving doubles what was lost, and costs something at least.
    this.points.push({halved: last.halved + 1, drop: 2 * last.drop + FLAT});
    this.points.push({halved: MOST_HALVINGS, drop: 2 * (2 * last.drop + FLAT) + 1});
  }

  /** The largest sparsity that costs at most `drop`. */
  sparsityFor(drop: number): number {
    const {points} = this;
    if (drop < 0) {
      return 0;
    }
    const next = points.findIndex((point) => point.drop > drop);
    if (next < 0) {
      return sparsityAt(MOST_HALVINGS);
    }
    const [before, after] = [points[Math.max(0, next - 1)], points[next]];
    const share = (drop - before.drop) / (after.drop - before.drop);
    const halved = before.halved + share * (after.halved - before.halved);
    return sparsityAt(Math.min(halved, MOST_HALVINGS));
  }
}

/** What a layer is taken to cost beyond what was measured, where it has cost nothing yet. */
const FLAT = 1e-3;

/**
 * The share of the kept weights that move at an update of a mask that regrows
 * (Evci et al. 2020, https://arxiv.org/abs/1911.11134).
 *
 *     f(t) = α/2·(1 + cos(π·t/stop))
 *
 * for t ≤ stop; 0 after it.
 *
 * @example
 * [0, 50, 100].map(cosineDecay(0.3, 100)); //=> [0.3, 0.15, 0]
 */
export function cosineDecay(alpha: number, stopStep: number): (step: number) => number {
  return (step) =>
    step < stopStep ? (alpha / 2) * (1 + Math.cos((Math.PI * step) / stopStep)) : 0;
}

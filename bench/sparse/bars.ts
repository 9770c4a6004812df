/** Block size → how many times as fast as tfjs a layer must be. */
type Limits = Readonly<Record<1 | 4, number>>;

/** The least factors at 90 % zeros, by what a layer's name begins with; from the size on. */
const AT_90: ReadonlyArray<{kind: RegExp; size: number; limits: Limits}> = [
  {kind: /^1x1 (\d+)/, size: 512, limits: {1: 7, 4: 9.5}},
  {kind: /^1x1 (\d+)/, size: 128, limits: {1: 5.5, 4: 6.5}},
  {kind: /^3x3 (\d+)/, size: 64, limits: {1: 6, 4: 8.5}},
  {kind: /^dense .*batch (\d+)$/, size: 32, limits: {1: 7.5, 4: 10}},
  {kind: /^dense .*batch (\d+)$/, size: 1, limits: {1: 2.5, 4: 3.5}},
];
const AT_80: Limits = {1: 3.3, 4: 4};
/** Dense, where nothing is gained. */
const AT_LEAST = 0.97;

/** How many times as fast as tfjs a layer must be. */
export function layerLimit(name: string, sparsity: number, block: 1 | 4): number {
  const [bar] = AT_90.filter(({kind, size}) => Number(kind.exec(name)?.[1] ?? 0) >= size);
  if (!bar || sparsity < 0.8) {
    return AT_LEAST;
  }
  return sparsity < 0.9 ? AT_80[block] : bar.limits[block];
}

/** How many times as fast as tfjs networks must be, with 90 % single zeros. */
export const NETWORK_LIMITS: Readonly<Record<string, number>> = {
  'GraphModel MobileNetV1 1/224': 4.5,
  'LayersModel MobileNetV1 1/224': 4.2,
  'GraphModel MobileNetV1 0.25/224': 2.3,
  'ResNet, batch 32': 5.5,
  'ResNet, batch 1': 3,
  'LeNet-5, batch 32': 4,
  'LeNet-5, batch 1': 1.7,
  'LeNet-300-100, batch 100': 3.4,
  'LeNet-300-100, batch 1': 1.7,
};

/** Of the memory of the dense weights, at 90 % zeros. */
export const MOST_MEMORY = 0.25;

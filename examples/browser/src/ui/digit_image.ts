const SIDE = 28;
/** MNIST's digits fill a box of this side, their center of mass in the middle. */
const BOX = 20;

/**
 * What is drawn on `canvas`, light on dark, as MNIST has its digits: 28 x 28, 0
 * to 1. `null` where nothing is.
 */
export function digitFrom(canvas: HTMLCanvasElement): Float32Array | null {
  const {width, height} = canvas;
  const drawn = grays(canvas);
  let [left, top, right, bottom] = [width, height, -1, -1];
  let [sum, sumX, sumY] = [0, 0, 0];
  drawn.forEach((gray, i) => {
    if (gray > 0) {
      const [x, y] = [i % width, Math.floor(i / width)];
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
      [sum, sumX, sumY] = [sum + gray, sumX + gray * x, sumY + gray * y];
    }
  });
  if (right < 0) {
    return null;
  }
  const scale = BOX / Math.max(right - left + 1, bottom - top + 1);
  const small = document.createElement('canvas');
  small.width = SIDE;
  small.height = SIDE;
  const context = small.getContext('2d', {willReadFrequently: true})!;
  context.imageSmoothingQuality = 'high';
  context.fillRect(0, 0, SIDE, SIDE);
  context.translate(SIDE / 2 - (scale * sumX) / sum, SIDE / 2 - (scale * sumY) / sum);
  context.scale(scale, scale);
  context.drawImage(canvas, 0, 0);
  return grays(small);
}

function grays(canvas: HTMLCanvasElement): Float32Array {
  const context = canvas.getContext('2d', {willReadFrequently: true})!;
  const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
  return Float32Array.from({length: data.length / 4}, (_, i) => data[i * 4] / 255);
}

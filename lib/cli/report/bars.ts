import {COLORS, escape, GRAY, r, text} from '../../auto/svg';

/** What is left of a layer. */
export interface LayerLeft {
  /** Its path. */
  name: string;
  /** Weights, channels or units that it had, and has. */
  size: number;
  left: number;
}

const ROW = 22;
const BAR = {left: 190, width: 320, height: 12};
const WIDTH = 700;

/** A bar for each layer: the share of it that is left. */
export function barsSvg(layers: readonly LayerLeft[]): string {
  const rows = layers.map(({name, size, left}, i) => {
    const y = i * ROW + 4;
    const share = left / size;
    const label = `${left.toLocaleString('en')} of ${size.toLocaleString('en')}`;
    return (
      `<rect x="${BAR.left}" y="${y}" width="${BAR.width}" height="${BAR.height}" ` +
      `fill="${GRAY}" fill-opacity="0.25"/>` +
      `<rect x="${BAR.left}" y="${y}" width="${r(BAR.width * share)}" height="${BAR.height}" ` +
      `fill="${COLORS[0]}"/><g fill="${GRAY}">` +
      text(BAR.left - 8, y + 10, shortened(name), 'end') +
      text(BAR.left + BAR.width + 8, y + 10, `${(100 * share).toFixed(1)} %, ${label}`, 'start') +
      `</g><title>${escape(`${name}: ${label}`)}</title>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${layers.length * ROW + 4}" ` +
      `font-family="sans-serif" font-size="11" role="img">`,
    '<title>What is left of each layer</title>',
    ...rows.map((row) => `<g>${row}</g>`),
    '</svg>',
  ].join('\n');
}

function shortened(name: string): string {
  return name.length > 28 ? `…${name.slice(-27)}` : name;
}

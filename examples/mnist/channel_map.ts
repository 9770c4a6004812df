import type {ShrinkReport} from 'tfjs-prune';

/** Channels that layers make together, and which of them are left. */
interface Row {
  label: string;
  kept: boolean[];
}

const KEPT = '#1f77b4';
const REMOVED = '#dddddd';
const SQUARE = 8;
const SQUARES_PER_LINE = 64;
const MARGIN = 10;

/** A character a channel: █ kept, ░ removed. */
export function channelsAsText(report: ShrinkReport, width: number): string {
  const lines = rowsOf(report).flatMap(({label, kept}) => [
    label,
    ...wrap(
      kept.map((each) => (each ? '█' : '░')),
      width - 2,
    ).map((line) => `  ${line.join('')}`),
  ]);
  return lines.join('\n');
}

/** A square a channel: blue is kept, gray removed. */
export function channelsAsSvg(report: ShrinkReport): string {
  const parts: string[] = [];
  let y = MARGIN;
  for (const {label, kept} of rowsOf(report)) {
    y += 12;
    parts.push(`<text x="${MARGIN}" y="${y}">${label}</text>`);
    y += 4;
    for (const line of wrap(kept, SQUARES_PER_LINE)) {
      line.forEach((each, i) => {
        const place = `x="${MARGIN + i * SQUARE}" y="${y}"`;
        const size = `width="${SQUARE - 1}" height="${SQUARE - 1}"`;
        parts.push(`<rect ${place} ${size} fill="${each ? KEPT : REMOVED}"/>`);
      });
      y += SQUARE;
    }
    y += MARGIN;
  }
  const width = 2 * MARGIN + SQUARES_PER_LINE * SQUARE;
  const head =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" ` +
    `font-family="sans-serif" font-size="11">`;
  return [head, '<rect width="100%" height="100%" fill="white"/>', ...parts, '</svg>', ''].join(
    '\n',
  );
}

/** The groups whose channels can go, those of the output and the like left out. */
function rowsOf({groups}: ShrinkReport): Row[] {
  return groups
    .filter(({frozen}) => frozen === undefined)
    .map(({layers, size, removed}) => {
      const gone = new Set(removed);
      const kept = Array.from({length: size}, (_, channel) => !gone.has(channel));
      return {label: `${layers.join(' + ')}: ${size - gone.size} of ${size} channels kept`, kept};
    });
}

function wrap<T>(list: readonly T[], width: number): T[][] {
  const lines = Array.from({length: Math.ceil(list.length / width)}, (_, i) => i * width);
  return lines.map((start) => list.slice(start, start + width));
}

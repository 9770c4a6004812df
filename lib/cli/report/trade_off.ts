import {COLORS, escape, extent, GRAY, r, text, ticks} from '../../auto/svg';

/** A trial as a point. */
export interface TradeOffPoint {
  /** Read where a mouse is over it. */
  name: string;
  parameters: number;
  metric: number;
  /** Whether it was trained for as long as any. */
  isLong: boolean;
  isChosen: boolean;
}

const PLOT = {left: 64, top: 16, width: 560, height: 280};

/**
 * A picture of the metric against the parameters that are left, which are on a logarithmic
 * scale: a point for each trial, filled for the longest trainings, a ring around the chosen one.
 * The model as it was is a dashed line.
 *
 * @returns An SVG element.
 */
export function tradeOffSvg(
  metric: string,
  before: {metric: number; parameters: number},
  points: readonly TradeOffPoint[],
): string {
  const shown = points.filter(
    (point) => Number.isFinite(point.metric) && Number.isFinite(point.parameters),
  );
  const counts = [before, ...shown].map(({parameters}) => Math.log10(Math.max(1, parameters)));
  const [first, last] = extent(counts);
  const [low, high] = extent([before.metric, ...shown.map((point) => point.metric)]);
  const right = PLOT.left + PLOT.width;
  const bottom = PLOT.top + PLOT.height;
  const x = (parameters: number) =>
    PLOT.left + ((Math.log10(Math.max(1, parameters)) - first) / (last - first)) * PLOT.width;
  const y = (value: number) => PLOT.top + (1 - (value - low) / (high - low)) * PLOT.height;
  const [width, height] = [right + 16, bottom + 44];
  const columns = powers(first, last);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
      `font-family="sans-serif" font-size="11" role="img">`,
    `<title>${escape(metric)} against the parameters that are left</title>`,
    `<g stroke="${GRAY}" fill="none">`,
    `<path d="M${PLOT.left} ${PLOT.top}V${bottom}H${right}"/>`,
    ...columns.map((count) => `<path d="M${r(x(count))} ${bottom}v4"/>`),
    ...ticks(low, high).map(
      (value) => `<path d="M${PLOT.left} ${r(y(value))}h${PLOT.width}" stroke-opacity="0.25"/>`,
    ),
    `<path d="M${PLOT.left} ${r(y(before.metric))}H${right}" stroke-dasharray="4 4"/>`,
    '</g>',
    `<g fill="${GRAY}">`,
    ...columns.map((count) => text(x(count), bottom + 16, count.toLocaleString('en'), 'middle')),
    ...ticks(low, high).map((value) => text(PLOT.left - 6, y(value) + 4, `${r(value)}`, 'end')),
    text(PLOT.left + PLOT.width / 2, bottom + 36, 'parameters that are left', 'middle'),
    `<text transform="translate(14 ${PLOT.top + PLOT.height / 2}) rotate(-90)" ` +
      `text-anchor="middle">${escape(metric)}</text>`,
    '</g>',
    `<rect x="${r(x(before.parameters) - 4)}" y="${r(y(before.metric) - 4)}" width="8" ` +
      `height="8" fill="${GRAY}"><title>before</title></rect>`,
    ...shown.map(({name, parameters, metric: value, isLong, isChosen}) => {
      const at = `cx="${r(x(parameters))}" cy="${r(y(value))}"`;
      const ring = isChosen
        ? `<circle ${at} r="9" fill="none" stroke="${COLORS[1]}" stroke-width="2"/>`
        : '';
      const fill = isLong ? COLORS[0] : 'none';
      return (
        `<g>${ring}<circle ${at} r="4.5" fill="${fill}" stroke="${COLORS[0]}" ` +
        `stroke-width="1.5"/><title>${escape(name)}</title></g>`
      );
    }),
    '</svg>',
  ].join('\n');
}

/** 1, 2 and 5 times powers of ten between two logarithms; fewer where these are many. */
function powers(first: number, last: number): number[] {
  const found: number[] = [];
  for (let power = Math.floor(first); power <= last; ++power) {
    found.push(...[1, 2, 5].map((factor) => factor * 10 ** power));
  }
  const within = found.filter(
    (count) => count >= 1 && Math.log10(count) >= first && Math.log10(count) <= last,
  );
  return within.length > 7 ? within.filter((count) => Number.isInteger(Math.log10(count))) : within;
}

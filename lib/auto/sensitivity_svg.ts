import {check} from '../base/check';
import type {SensitivityResult} from './sensitivity_result';
import {COLORS, escape, extent, GRAY, r, text, ticks} from './svg';

const DASHES = ['', '6 3', '2 3'];

const PLOT = {left: 56, top: 16, width: 400, height: 264};
const LEGEND = 172;
const ROW = 16;

/**
 * Draws the result of `sensitivity`: the metric over the sparsity, one line per layer,
 * and a dashed line for the unpruned model. It is readable on light and dark pages.
 *
 * @returns The text of an SVG file.
 * @throws PruningError for a value that is not a result of `sensitivity`.
 * @example
 * document.body.innerHTML = sensitivitySvg(await sensitivity(model, {x, y}));
 */
export function sensitivitySvg(result: SensitivityResult): string {
  check(
    Array.isArray((result as SensitivityResult | undefined)?.layers) && result.layers.length > 0,
    'result',
    'a result of sensitivity()',
    result,
  );
  const {layers, baseline, metric} = result;
  const points = layers.flatMap((layer) => layer.points);
  const metrics = [baseline, ...points.map((point) => point.metric)];
  const [low, high] = extent(metrics.filter(Number.isFinite));
  const last = Math.max(...points.map(({sparsity}) => sparsity), 0.1);
  const x = (sparsity: number) => PLOT.left + (sparsity / last) * PLOT.width;
  const y = (value: number) => PLOT.top + (1 - (value - low) / (high - low)) * PLOT.height;
  const height = Math.max(PLOT.top + PLOT.height + 40, PLOT.top + layers.length * ROW + 16);
  const width = PLOT.left + PLOT.width + LEGEND;
  const right = PLOT.left + PLOT.width;
  const bottom = PLOT.top + PLOT.height;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
      `height="${height}" font-family="sans-serif" font-size="11" role="img">`,
    `<title>${escape(metric)} of the model with one layer pruned</title>`,
    `<g stroke="${GRAY}" fill="none">`,
    `<path d="M${PLOT.left} ${PLOT.top}V${bottom}H${right}"/>`,
    ...ticks(0, last).map((value) => `<path d="M${r(x(value))} ${bottom}v4"/>`),
    ...ticks(low, high).map(
      (value) => `<path d="M${PLOT.left} ${r(y(value))}h${PLOT.width}" stroke-opacity="0.25"/>`,
    ),
    `<path d="M${PLOT.left} ${r(y(baseline))}H${right}" stroke-dasharray="4 4"/>`,
    '</g>',
    `<g fill="${GRAY}">`,
    ...ticks(0, last).map((value) => text(x(value), bottom + 16, `${r(100 * value)} %`, 'middle')),
    ...ticks(low, high).map((value) => text(PLOT.left - 6, y(value) + 4, `${r(value)}`, 'end')),
    text(PLOT.left + PLOT.width / 2, bottom + 34, `sparsity of the layer`, 'middle'),
    `<text transform="translate(12 ${PLOT.top + PLOT.height / 2}) rotate(-90)" ` +
      `text-anchor="middle">${escape(metric)}</text>`,
    '</g>',
  ];
  layers.forEach((layer, i) => {
    const color = COLORS[i % COLORS.length];
    const dash = DASHES[Math.floor(i / COLORS.length) % DASHES.length];
    const line = dash && ` stroke-dasharray="${dash}"`;
    const measured = layer.points.filter((point) => Number.isFinite(point.metric));
    const others = layer.points.filter((point) => !Number.isFinite(point.metric));
    const sorted = [{sparsity: 0, metric: baseline}, ...measured].sort(
      (a, b) => a.sparsity - b.sparsity,
    );
    const path = sorted.map((point) => `${r(x(point.sparsity))} ${r(y(point.metric))}`).join('L');
    const row = PLOT.top + 8 + i * ROW;
    parts.push(
      `<g stroke="${color}" fill="none" stroke-width="2"${line}>`,
      `<path d="M${path}"/><path d="M${right + 12} ${row}h18"/></g>`,
      // Without a metric: a cross on the axis.
      ...others.map(
        ({sparsity, failed}) =>
          `<path d="M${r(x(sparsity) - 3)} ${bottom - 3}l6 6m0 -6l-6 6" stroke="${color}">` +
          `<title>${escape(failed ?? 'no metric')}</title></path>`,
      ),
      ...measured.map(
        (point) =>
          `<circle cx="${r(x(point.sparsity))}" cy="${r(y(point.metric))}" r="2.5" fill="${color}"/>`,
      ),
      `<g fill="${GRAY}">${text(right + 36, row + 4, shortened(layer.name), 'start')}</g>`,
    );
  });
  return `${parts.join('\n')}\n</svg>\n`;
}

/** A name for the legend: its end says most. */
function shortened(name: string): string {
  return name.length > 22 ? `…${name.slice(-21)}` : name;
}

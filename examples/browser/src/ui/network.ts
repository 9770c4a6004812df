import type {WeightSparsity} from 'tfjs-prune';

import type {Network} from '../lab/api';
import {count, percent} from './dom';

const HEIGHT = 260;
/** Below and above the units, for their titles. */
const MARGIN = 22;
const RADIUS = 4;
/** Less wide, titles are short. */
const NARROW = 500;

/** Draws the units and the weights between them; pruned weights are not there. */
export function drawNetwork(canvas: HTMLCanvasElement, {columns, links}: Network): void {
  const width = canvas.clientWidth;
  if (width === 0) {
    return;
  }
  const scale = window.devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = HEIGHT * scale;
  const context = canvas.getContext('2d')!;
  context.scale(scale, scale);
  // By the style sheet, for the light and the dark page.
  const {color, backgroundColor, borderColor} = getComputedStyle(canvas);
  const side = Math.min(70, width / 6);
  const place = (column: number, unit: number) => {
    const x = side + (column * (width - 2 * side)) / (columns.length - 1);
    const {length} = columns[column].kept;
    const gap = (HEIGHT - 2 * MARGIN) / Math.max(length, 8);
    return [x, HEIGHT / 2 + (unit - (length - 1) / 2) * gap] as const;
  };
  links.forEach((weights, column) => {
    const right = columns[column + 1].kept.length;
    const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    weights.forEach((weight, i) => {
      if (weight === 0) {
        return;
      }
      context.strokeStyle = weight < 0 ? '#e08a1e' : '#3f8ae0';
      context.globalAlpha = 0.2 + 0.7 * Math.abs(weight / largest);
      context.beginPath();
      context.moveTo(...place(column, Math.floor(i / right)));
      context.lineTo(...place(column + 1, i % right));
      context.stroke();
    });
  });
  context.globalAlpha = 1;
  context.textAlign = 'center';
  context.font = '12px system-ui, sans-serif';
  columns.forEach(({title, units, kept}, column) => {
    kept.forEach((isKept, unit) => {
      const [x, y] = place(column, unit);
      context.beginPath();
      context.arc(x, y, RADIUS, 0, 2 * Math.PI);
      context.fillStyle = isKept ? color : backgroundColor;
      context.strokeStyle = borderColor;
      context.fill();
      context.stroke();
    });
    context.fillStyle = borderColor;
    const [x] = place(column, 0);
    context.fillText(width < NARROW ? title.replace(' layer', '') : title, x, 12);
    context.fillText(count(units), x, HEIGHT - 4);
  });
}

/** What is to be seen of a network with these weights. */
export function networkNote({columns, links}: Network, weights: readonly WeightSparsity[]): string {
  const drawn = links.reduce((all, {length}) => all + length, 0);
  const kept = links.reduce((all, each) => all + each.filter((weight) => weight !== 0).length, 0);
  const some = columns.some(({units, kept: shown}) => units > shown.length)
    ? 'Some of the units of each layer.'
    : 'All units.';
  const size = weights.reduce((all, weight) => all + weight.size, 0);
  const left = weights.reduce((all, weight) => all + weight.size - weight.zeros, 0) / size;
  return (
    `${some} Lines are weights: blue above zero, orange below. ` +
    `${count(kept)} of ${count(drawn)} lines are left` +
    (left === 1
      ? '.'
      : `, and ${percent(left, 0)} of all ${count(size)} weights.` +
        (kept / drawn > left ? ' Small layers keep more of theirs.' : ''))
  );
}

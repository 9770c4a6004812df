import type {ModelNode} from '../lab/api';
import {count, percent} from './dom';

const WIDTH = 216;
const HEIGHT = 64;
const GAP = 26;
const SVG = 'http://www.w3.org/2000/svg';

/** The layers of a model from the top to the bottom, and what leads where. */
export function layerGraph(nodes: readonly ModelNode[]): SVGSVGElement {
  const rows: number[] = [];
  const columns: number[] = [];
  const filled: number[] = [];
  nodes.forEach(({inputs}, i) => {
    const row = inputs.reduce((deepest, from) => Math.max(deepest, (rows[from] ?? -1) + 1), 0);
    rows[i] = row;
    columns[i] = filled[row] ?? 0;
    filled[row] = columns[i] + 1;
  });
  const width = Math.max(1, ...filled) * (WIDTH + GAP) + GAP;
  const height = filled.length * (HEIGHT + GAP) + GAP;
  const root = svg('svg', {width, height, viewBox: `0 0 ${width} ${height}`});
  const place = (i: number) => {
    const own = filled[rows[i]] * (WIDTH + GAP) - GAP;
    return {x: (width - own) / 2 + columns[i] * (WIDTH + GAP), y: GAP + rows[i] * (HEIGHT + GAP)};
  };
  nodes.forEach(({inputs}, i) => {
    const to = place(i);
    for (const from of inputs) {
      const {x, y} = place(from);
      const [x1, y1, x2, y2] = [x + WIDTH / 2, y + HEIGHT, to.x + WIDTH / 2, to.y];
      const bend = Math.max(GAP / 2, (y2 - y1) / 2);
      root.append(
        svg('path', {d: `M${x1},${y1} C${x1},${y1 + bend} ${x2},${y2 - bend} ${x2},${y2}`}),
      );
    }
  });
  nodes.forEach((node, i) => root.append(box(node, place(i))));
  return root;
}

function box(
  {name, kind, shape, weights, zeros}: ModelNode,
  {x, y}: {x: number; y: number},
): SVGElement {
  const share = weights > 0 ? zeros / weights : 0;
  // What is in it and too wide is cut off; its title has all of it.
  const made = svg('svg', {x, y, width: WIDTH, height: HEIGHT});
  const text = (line: number, content: string, className = '') => {
    const element = svg('text', {x: 8, y: 18 * line, class: className});
    element.textContent = content;
    return element;
  };
  const title = svg('title', {});
  title.textContent = `${name}: ${kind} ${shape}, ${count(zeros)} of ${count(weights)} weights are zero`;
  made.append(
    title,
    svg('rect', {x: 0.5, y: 0.5, width: WIDTH - 1, height: HEIGHT - 1, rx: 6}),
    svg('rect', {x: 1, y: HEIGHT - 5, width: (WIDTH - 2) * share, height: 4, class: 'share'}),
    text(1, kind),
    text(2, name, 'detail'),
    text(3, weights > 0 ? `${count(weights)} weights, ${percent(share, 0)} zero` : shape, 'detail'),
  );
  return made;
}

function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number>,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, String(value));
  }
  return made;
}

import type {ModelNode} from '../lab/api';
import {count, percent} from './dom';

const WIDTH = 210;
const HEIGHT = 48;
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
  nodes.forEach(({name, kind, shape, weights, zeros}, i) => {
    const {x, y} = place(i);
    const group = svg('g', {});
    const share = weights > 0 ? zeros / weights : 0;
    const detail = weights > 0 ? `${count(weights)} weights, ${percent(share, 0)} zero` : shape;
    const title = svg('title', {});
    title.textContent = `${name}: ${kind} ${shape}, ${count(zeros)} of ${count(weights)} weights are zero`;
    const heading = svg('text', {x: x + 8, y: y + 18});
    heading.textContent = shorten(`${kind} · ${name}`);
    const line = svg('text', {x: x + 8, y: y + 35, class: 'detail'});
    line.textContent = shorten(detail);
    group.append(
      title,
      svg('rect', {x, y, width: WIDTH, height: HEIGHT, rx: 6}),
      svg('rect', {x, y: y + HEIGHT - 4, width: WIDTH * share, height: 4, class: 'share'}),
      heading,
      line,
    );
    root.append(group);
  });
  return root;
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

function shorten(text: string): string {
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}

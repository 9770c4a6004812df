import type {AutoPruneReport} from '../../../lib/auto/auto_prune_report';
import {barsSvg} from '../../../lib/cli/report/bars';
import {pageOf} from '../../../lib/cli/report/page';
import {tradeOffSvg} from '../../../lib/cli/report/trade_off';

const way = {allocation: 'global', scoring: 'magnitude', rise: 0.6} as const;
const trial = (sparsity: number, epochs: number, metric: number, parameters: number) => ({
  ...way,
  ...{sparsity, epochs, metric, parameters, drop: 0.98 - metric, seconds: 2},
});
const trials = [trial(0.5, 1, 0.97, 5000), trial(0.9, 3, 0.96, 1000)];
const report = {
  granularity: 'weight',
  metric: 'accuracy',
  baseline: 0.98,
  sensitivity: {
    granularity: 'weight',
    metric: 'accuracy',
    baseline: 0.98,
    layers: [{name: 'a<b', size: 10, points: [{sparsity: 0.5, metric: 0.9}]}],
  },
  trials: [...trials, {...trial(0.99, 3, NaN, Infinity), failed: 'no <worker>'}],
  ahead: [],
  chosen: {...trials[1], args: {layers: ['a<b']}},
  epochs: 7,
  cost: {before: {parameters: 10000, macs: 20000}, after: {parameters: 1000, macs: 2000}},
} as unknown as AutoPruneReport;

const page = pageOf({
  model: 'models/<mnist>',
  report,
  layers: [{name: 'a<b', size: 200, left: 50}],
  rows: [['Parameters', '10,000', '1,000']],
  footer: 'now & here',
});

/** What is open at the end, and closed too often, of a text of tags. */
function unbalanced(text: string): string[] {
  const open: string[] = [];
  for (const [, slash, name, self] of text.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
    if (slash && open.pop() !== name) {
      return [`/${name}`];
    }
    if (!slash && !self && name !== 'meta') {
      open.push(name);
    }
  }
  return open;
}

it('is a page that loads nothing, whatever the names', () => {
  expect(unbalanced(page.replace('<!doctype html>', ''))).toEqual([]);
  expect(page).not.toMatch(/<script|<link|<img|url\(|https?:(?!\/\/www\.w3\.org\/2000\/svg)/);
  expect(page).not.toMatch(/NaN|undefined|<mnist>|a<b|<worker>/);
  expect(page).toContain('models/&lt;mnist&gt;');
  expect(page).toContain('failed: no &lt;worker&gt;');
  expect(page).toContain('now &amp; here');
  expect(page.match(/<svg/g)).toHaveLength(3);
});

it('marks the chosen trial in table and picture', () => {
  expect(
    page.match(/<tr class="chosen"><td>2\. 90\.00 % global magnitude, 3 epochs/g),
  ).toHaveLength(1);
  expect(page.match(/r="9"/g)).toHaveLength(1);
});

describe('tradeOffSvg', () => {
  const point = (parameters: number, metric: number, isChosen: boolean) => ({
    ...{name: 'a', parameters, metric, isLong: isChosen, isChosen},
  });

  it('has parameters by their logarithms', () => {
    const before = {metric: 1, parameters: 10_000};
    const svg = tradeOffSvg('accuracy', before, [point(100, 0.5, true), point(1000, 0.75, false)]);
    const at = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="4.5" fill="([^"]+)"/g)];
    const [[, x, y, fill], [, nextX, nextY, nextFill]] = at;
    // 100 to 10,000 are the inner 1/1.1 of 560 pixels from 64 on, 0.5 to 1 those of 280.
    const inner = (share: number, from: number, length: number) =>
      from + (length * (0.05 + share)) / 1.1;
    expect([Number(x), Number(nextX)].map(Math.round)).toEqual(
      [inner(0, 64, 560), inner(0.5, 64, 560)].map(Math.round),
    );
    expect([Number(y), Number(nextY)].map(Math.round)).toEqual(
      [inner(1, 16, 280), inner(0.5, 16, 280)].map(Math.round),
    );
    expect([fill, nextFill]).toEqual(['#4477aa', 'none']);
    expect(svg).toContain('>1,000</text>');
  });

  it('leaves out what has no outcome', () => {
    const before = {metric: 1, parameters: 10};
    const svg = tradeOffSvg('loss', before, [point(Infinity, NaN, false), point(0, 1, true)]);
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(svg.match(/r="4.5"/g)).toHaveLength(1);
  });
});

it('draws a bar as long as the share that is left', () => {
  const svg = barsSvg([
    {name: 'dense', size: 1000, left: 250},
    {name: 'gone', size: 10, left: 0},
  ]);
  expect(svg).toContain('width="80" height="12" fill="#4477aa"');
  expect(svg).toContain('width="0" height="12" fill="#4477aa"');
  expect(svg).toContain('25.0 %, 250 of 1,000');
  expect(unbalanced(svg)).toEqual([]);
});

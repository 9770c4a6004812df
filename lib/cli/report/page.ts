import type {AutoPruneReport} from '../../auto/auto_prune_report';
import {sensitivitySvg} from '../../auto/sensitivity_svg';
import {escape} from '../../auto/svg';
import {figure} from '../output';
import {dropOf, nameOf} from '../trial_table';
import {barsSvg, type LayerLeft} from './bars';
import {tradeOffSvg} from './trade_off';

/** What a page tells of. */
export interface PageArgs {
  /** The path of the model that was pruned. */
  model: string;
  report: AutoPruneReport;
  layers: readonly LayerLeft[];
  /** Rows of figures: what, before, after. */
  rows: ReadonlyArray<readonly [string, string, string]>;
  /** Where and when. */
  footer: string;
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } svg { width: 100%; height: auto; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid #8884; text-align: right; }
th:first-child, td:first-child { text-align: left; }
tr.chosen { font-weight: bold; } figure { margin: 0; } .scroll { overflow-x: auto; }
figcaption, footer { color: #888; font-size: 0.85rem; } pre { overflow-x: auto; }
`;

/** What a search has tried and chosen, as one HTML file that loads nothing. */
export function pageOf({model, report, layers, rows, footer}: PageArgs): string {
  const {chosen, trials, metric, baseline, cost, sensitivity} = report;
  const longest = Math.max(...trials.map(({epochs}) => epochs));
  const isChosen = (trial: (typeof trials)[number]) => nameOf(trial) === nameOf(chosen);
  const points = trials.map((trial) => ({
    name: `${nameOf(trial)}: ${metric} ${figure(metric, trial.metric)}`,
    parameters: trial.parameters,
    metric: trial.metric,
    isLong: trial.epochs === longest,
    isChosen: isChosen(trial),
  }));
  const before = {metric: baseline, parameters: cost.before.parameters};
  const table = trials.map((trial, i) => {
    const {failed, parameters, drop, seconds} = trial;
    const cells =
      failed === undefined
        ? [
            parameters.toLocaleString('en'),
            figure(metric, trial.metric),
            dropOf(metric, drop),
            `${seconds.toFixed(1)} s`,
          ]
        : [`failed: ${failed}`, '', '', ''];
    return row([`${i + 1}. ${nameOf(trial)}`, ...cells], 'td', isChosen(trial) ? 'chosen' : '');
  });
  const parts = [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escape(model)}, pruned</title><style>${STYLE}</style></head><body>`,
    `<h1>${escape(model)}, pruned</h1>`,
    `<p>Chosen: ${escape(nameOf(chosen))}.</p>`,
    '<table>',
    row(['', 'before', 'after'], 'th'),
    ...rows.map((cells) => row(cells, 'td')),
    '</table>',
    `<h2>${escape(metric)} against parameters</h2><figure>`,
    tradeOffSvg(metric, before, points),
    '<figcaption>A point for each trial, on the validation data: filled for the longest ' +
      'trainings, with a ring for the chosen one. The square and the dashed line are the ' +
      'model before pruning.</figcaption></figure>',
    '<h2>What is left of each layer</h2><figure>',
    barsSvg(layers),
    '</figure>',
    '<h2>Sensitivity of each layer</h2><figure>',
    sensitivitySvg(sensitivity),
    '<figcaption>One layer pruned, without training, on up to 2,000 samples.</figcaption></figure>',
    '<h2>Trials</h2><div class="scroll"><table>',
    row(['', 'parameters', metric, 'drop', 'time'], 'th'),
    ...table,
    '</table></div>',
    `<h2>The pruner that was chosen</h2><pre>${escape(JSON.stringify(chosen.args, null, 2))}</pre>`,
    `<footer>${escape(footer)}</footer>`,
    '</body></html>',
  ];
  return `${parts.join('\n')}\n`;
}

function row(cells: readonly string[], tag: 'td' | 'th', name = ''): string {
  const list = cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('');
  return `<tr${name && ` class="${name}"`}>${list}</tr>`;
}

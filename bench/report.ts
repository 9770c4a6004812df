/**
 * Writes docs/benchmarks.md and its pictures from the stored results alone: the
 * same results give the same bytes.
 *
 *     npm run bench:report [-- --results bench/results --docs docs]
 */
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {Command} from 'commander';

import {BENCHES} from './benches';
import {figuresOf, LIBRARIES, type Figure} from './figures';
import {paperRows} from './papers';
import {drawAll, drawExpected} from './pictures';
import type {Bar} from './result';
import {isOf, readStored, type StoredResult} from './stored';
import {accuracies, ages, missed, SPARSITIES} from './summary';

/** How the figure of a time ends, in milliseconds. */
const MS = ', ms';

const {results: folder, docs} = new Command('npm run bench:report --')
  .option('--results <folder>', 'where the results are', join('bench', 'results'))
  .option('--docs <folder>', 'where benchmarks.md and pictures/ go', 'docs')
  .parse()
  .opts<{results: string; docs: string}>();

const all = readStored(folder).map(({result}) => result);
const pictures = join(docs, 'pictures');
mkdirSync(docs, {recursive: true});
rmSync(pictures, {recursive: true, force: true});
mkdirSync(pictures);
const drawn = await drawAll(all);
drawn.forEach(({file, svg}) => writeFileSync(join(pictures, file), svg));

const expected = await drawExpected(all);
if (expected) {
  writeFileSync(join(pictures, expected.file), expected.svg);
}

const sections = Object.keys(BENCHES).map((name) => section(name));
const page = [
  '# Benchmarks',
  '<!-- textlint-disable sentence-length -- Commands, machines and versions are one line each. -->',
  'All figures on this page come from the files in `bench/results`. `npm run bench:report` writes the page and its pictures; do not edit them. `npm run bench` runs all benchmarks, and `npm run bench -- NAME` runs one. `npm run bench -- --quick` gives rough figures in minutes, in `out/bench`. `npm run bench:peers -- --torch` installs the libraries to compare with. "not run" means that the repository has no result. Times are CPU times unless a line says otherwise, because other programs on the machine disturb them less. Ratios compare two times of the same run.',
  ages(all),
  summary(),
  '## Missed bars',
  table(['benchmark', 'backend', 'figure', 'value', 'bar'], missedRows()),
  '## What accuracy to expect',
  ...(expected ? [`![${expected.title}](pictures/${expected.file})`] : []),
  "Test accuracy in %, pruned during training with `scope: 'global'`. Other guides have the figures for text models, a fine-tuned MobileNetV2, channels, and pruning without labels.",
  accuracyTable(),
  ...sections,
  '## Comparison with papers',
  'MNIST, without data augmentation. Each row shows the result of a paper, and the result above that has as few weights or bytes, or the fewest. Here a dense LeNet-5, trained with dropout, teaches both networks in addition to the labels; the papers use no teacher.',
  paperTable(),
];
writeFileSync(join(docs, 'benchmarks.md'), `${page.join('\n\n')}\n`);
console.log(`Written: ${join(docs, 'benchmarks.md')} and ${drawn.length} pictures.`);

function summary(): string {
  const rows = Object.entries(BENCHES).flatMap(([name, {title}]) => {
    const link = `[${title}](#${anchor(title)})`;
    const own = of(name);
    return own.length === 0
      ? [[link, 'not run', '', '']]
      : own.map(({backend, bars, seconds}) => {
          const held = Object.values(bars).filter(({holds}) => holds).length;
          const bar = `${held} of ${Object.keys(bars).length}`;
          return [link, backend, bar, `${seconds} s`];
        });
  });
  return table(['benchmark', 'backend', 'bars that hold', 'took'], rows);
}

function missedRows(): string[][] {
  // A benchmark is named by its first row.
  return missed(all).map(([title, ...rest], i, rows) => [
    rows[i - 1]?.[0] === title ? '' : `[${title}](#${anchor(title)})`,
    ...rest,
  ]);
}

function accuracyTable(): string {
  const rows = accuracies(all).map(({net, data, dense, pruned, command}) => [
    net,
    data,
    String(dense),
    ...pruned.map((value) => (value === undefined ? '' : String(value))),
    `\`${command}\``,
  ]);
  return table(['net', 'data', 'dense', ...SPARSITIES, 'command'], rows);
}

function section(name: string): string {
  const {title, peers = []} = BENCHES[name];
  const own = of(name);
  const images = drawn
    .filter(({bench}) => bench === name)
    .map(({file, title: alt}) => `![${alt}](pictures/${file})`);
  const parts = own.flatMap((result) => [
    `\`${result.command}\`, ${result.machine}; ${versions(result)}:`,
    figureTable(result, peers),
  ]);
  return [`## ${title}`, ...images, ...(own.length ? parts : ['not run'])].join('\n\n');
}

/** A row for each figure, a column for each library, and the bar that it is held against. */
function figureTable(result: StoredResult, peers: readonly string[]): string {
  const rows = new Map<string, Map<string, Figure>>();
  for (const figure of figuresOf(result)) {
    const key = figure.parts.join(', ');
    rows.set(key, (rows.get(key) ?? new Map<string, Figure>()).set(figure.library, figure));
  }
  const present = new Set([...rows.values()].flatMap((row) => [...row.keys()]));
  const libraries = LIBRARIES.filter((library) => present.has(library) || peers.includes(library));
  const bars = new Map(Object.entries(result.bars));
  // A time follows the ratio that it belongs to.
  const isTimeOf = (key: string) => key.endsWith(MS) && rows.has(key.slice(0, -MS.length));
  const own = [...rows].filter(([key]) => !isTimeOf(key));
  const cells = own.map(([key, row]) => {
    const bar = bars.get(key);
    // A figure and its bar tell as much as decides.
    const digits = bar ? String : threeDigits;
    const values = libraries.map((library) => {
      const [figure, time] = [row, rows.get(key + MS)].map((each) => each?.get(library));
      const empty = present.has(library) ? '' : 'not run';
      const value = figure ? withSpread(figure, digits) : empty;
      return time ? `${value}; ${withSpread(time, threeDigits)} ms` : value;
    });
    bars.delete(key);
    return [key, ...values, ...barCells(bar)];
  });
  const others = [...bars].map(([key, bar]) => {
    const values = libraries.map((_, i) => (i === 0 ? String(bar.value) : ''));
    return [key, ...values, ...barCells(bar)];
  });
  const heads = libraries.length > 1 ? libraries : ['value'];
  return table(['', ...heads, 'bar', 'holds'], [...cells, ...others]);
}

function barCells(bar: Bar | undefined): string[] {
  return bar ? [`${bar.is} ${bar.limit}`, bar.holds ? 'yes' : '**no**'] : ['', ''];
}

function withSpread(figure: Figure, digits: (value: number) => string): string {
  const [value, least, most] = [figure.value, figure.least, figure.most].map((each) =>
    each === undefined ? undefined : digits(each),
  );
  return least === undefined || (least === value && most === value)
    ? `${value}`
    : `${value} (${least} to ${most})`;
}

/** Small figures are times and ratios of times, which no machine repeats to four digits. */
function threeDigits(value: number): string {
  return String(Math.abs(value) < 10 ? Number(value.toPrecision(3)) : value);
}

function versions({versions: own}: StoredResult): string {
  return Object.entries(own)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

function paperTable(): string {
  const [head, ...rows] = paperRows(all);
  return table(head, rows);
}

function of(name: string): StoredResult[] {
  return all.filter((result) => isOf(name, result));
}

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

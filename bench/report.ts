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
  'This page and its pictures are written from the files in `bench/results` by `npm run bench:report`: change none by hand. `npm run bench` measures everything again, `npm run bench -- NAME` one benchmark, `npm run bench -- --quick` roughly and in minutes, into `out/bench`. `npm run bench:peers -- --torch` installs the libraries to compare with; what was absent says "not run". Times are CPU times unless they say otherwise, since other work on a machine disturbs these less. Ratios are of two times of the same run.',
  ages(all),
  summary(),
  '## Bars that are missed',
  table(['benchmark', 'backend', 'figure', 'value', 'bar'], missedRows()),
  '## What accuracy to expect',
  ...(expected ? [`![${expected.title}](pictures/${expected.file})`] : []),
  "Test accuracy in %, pruned while it trains with `scope: 'global'`. Other guides have the figures for text models, a fine-tuned MobileNetV2, channels, and pruning without labels.",
  accuracyTable(),
  ...sections,
  '## Next to papers',
  'MNIST, without data augmentation. Each row has what a paper reports, and a figure from above with as few weights or bytes left, or with the fewest. Here a dense LeNet-5, trained with dropout, teaches both nets in addition to the labels; in the papers none does.',
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
  return missed(all).map(([title, ...rest]) => [`[${title}](#${anchor(title)})`, ...rest]);
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
  const cells = [...rows].map(([key, row]) => {
    const values = libraries.map((library) => {
      const figure = row.get(library);
      return figure ? withSpread(figure) : present.has(library) ? '' : 'not run';
    });
    const bar = bars.get(key);
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

function withSpread({value, least, most}: Figure): string {
  return least === undefined || (least === value && most === value)
    ? String(value)
    : `${value} (${least} to ${most})`;
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

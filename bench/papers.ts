import type {StoredResult} from './stored';

/** What a paper reports of a net on MNIST, without data augmentation. */
interface Reported {
  paper: string;
  net: 'LeNet-300-100' | 'LeNet-5';
  /** On the test images, in %. */
  error: number;
  /** How many times fewer weights are left, or how many times smaller the file is. */
  times: number;
  of?: 'file';
  structure?: string;
}

const HAN = 'Han et al. 2015, magnitude';
const DEEP_COMPRESSION = 'Han et al. 2016, Deep Compression';
const SURGERY = 'Guo et al. 2016, Dynamic Network Surgery';
const SPARSE_VD = 'Molchanov et al. 2017, Sparse VD';
const SNIP = 'Lee et al. 2019, SNIP';
const BC_GHS = 'Louizos et al. 2017, BC-GHS, whole neurons';

/** By what a benchmark of the same kind is called; `300` and `5` are the nets. */
export const REPORTED = {
  han300: {paper: HAN, net: 'LeNet-300-100', error: 1.59, times: 12},
  deepCompression300: {
    paper: DEEP_COMPRESSION,
    net: 'LeNet-300-100',
    error: 1.58,
    times: 40,
    of: 'file',
  },
  surgery300: {paper: SURGERY, net: 'LeNet-300-100', error: 1.99, times: 56},
  sparseVd300: {paper: SPARSE_VD, net: 'LeNet-300-100', error: 1.92, times: 68},
  snip300: {paper: SNIP, net: 'LeNet-300-100', error: 1.6, times: 20},
  sparserSnip300: {paper: SNIP, net: 'LeNet-300-100', error: 2.4, times: 50},
  han5: {paper: HAN, net: 'LeNet-5', error: 0.77, times: 12},
  deepCompression5: {paper: DEEP_COMPRESSION, net: 'LeNet-5', error: 0.74, times: 39, of: 'file'},
  surgery5: {paper: SURGERY, net: 'LeNet-5', error: 0.91, times: 108},
  sparseVd5: {paper: SPARSE_VD, net: 'LeNet-5', error: 0.75, times: 280},
  snip5: {paper: SNIP, net: 'LeNet-5', error: 0.8, times: 50},
  bcGhs5: {
    paper: BC_GHS,
    net: 'LeNet-5',
    error: 1,
    times: 419,
    of: 'file',
    structure: '5-10-76-16 neurons, ',
  },
} as const satisfies Record<string, Reported>;

type Figure = (bench: string, key: string) => number | undefined;

/** What was measured here with as little left, or with the least. */
type Ours = (figure: Figure) => {error: number | undefined; left: string};

const byZeros =
  (net: string, percent: number): Ours =>
  (figure) => ({
    error: figure('lenets', `${net}, ${percent} % zeros`),
    left: `1/${Math.floor(100 / (100 - percent))}`,
  });
const bySurgery =
  (net: string): Ours =>
  (figure) => ({
    error: figure('dynamic', net),
    left: `1/${figure('dynamic', `${net}, times fewer parameters`)?.toFixed()}`,
  });
const byFile =
  (way: string, structure = ''): Ours =>
  (figure) => ({
    error: figure('lenets', `${way}, packed`),
    left: `${structure}1/${figure('lenets', `${way}, packed, times smaller`)?.toFixed()} of the file`,
  });

/** In the order of the table. */
const BESIDE: Readonly<Record<keyof typeof REPORTED, Ours>> = {
  han300: byZeros('LeNet-300-100', 92),
  deepCompression300: byFile('LeNet-300-100, 95 % zeros'),
  surgery300: bySurgery('lenet300'),
  sparseVd300: bySurgery('lenet300'),
  snip300: byZeros('LeNet-300-100', 95),
  sparserSnip300: byZeros('LeNet-300-100', 98),
  han5: byZeros('LeNet-5', 92),
  deepCompression5: byFile('LeNet-5, 92 % zeros'),
  surgery5: bySurgery('lenet5'),
  sparseVd5: bySurgery('lenet5'),
  snip5: bySurgery('lenet5'),
  bcGhs5: byFile('LeNet-5, 5-10-16 neurons', '5-10-160-16 neurons, '),
};

/** The head and the rows of the table of papers. */
export function paperRows(results: readonly StoredResult[]): string[][] {
  const figure = (bench: string, key: string) =>
    results.find(({name, figures}) => name === bench && key in figures)?.figures[key];
  const rows = Object.entries(BESIDE).map(([id, ours]) => {
    const reported: Reported = REPORTED[id as keyof typeof REPORTED];
    const {paper, net, times, of, structure = ''} = reported;
    const theirs = `${structure}1/${times}${of === undefined ? '' : ` of the ${of}`}`;
    const {error, left} = ours(figure);
    const own =
      error === undefined
        ? ['not run', '', '']
        : [error.toFixed(2), left, signed(error - reported.error)];
    return [paper, net, reported.error.toFixed(2), theirs, ...own];
  });
  const head = ['', 'net', 'error %', 'left', 'here, error %', 'left', 'points more'];
  return [head, ...rows];
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

import type {StoredResult} from './stored';

interface Outcome {
  /** Errors on the test images, in %. */
  error: number;
  /** What is left of the weights, or of the bytes. */
  left: string;
}

interface Row {
  paper: string;
  net: 'LeNet-300-100' | 'LeNet-5';
  theirs: Outcome;
  /** What was measured here with as little left, or with the least. */
  ours: (figure: (bench: string, key: string) => number | undefined) => Partial<Outcome>;
}

const byZeros =
  (net: string, percent: number): Row['ours'] =>
  (figure) => ({
    error: figure('lenets', `${net}, ${percent} % zeros`),
    left: `1/${Math.floor(100 / (100 - percent))}`,
  });
const bySurgery =
  (net: string): Row['ours'] =>
  (figure) => ({
    error: figure('dynamic', net),
    left: `1/${figure('dynamic', `${net}, times fewer parameters`)?.toFixed()}`,
  });
const byFile =
  (way: string, structure = ''): Row['ours'] =>
  (figure) => ({
    error: figure('lenets', `${way}, packed`),
    left: `${structure}1/${figure('lenets', `${way}, packed, times smaller`)?.toFixed()} of the file`,
  });

/** What papers report of MNIST: the error, and what is left of the weights or the file. */
const ROWS: readonly Row[] = [
  {
    paper: 'Han et al. 2015, magnitude',
    net: 'LeNet-300-100',
    theirs: {error: 1.59, left: '1/12'},
    ours: byZeros('LeNet-300-100', 92),
  },
  {
    paper: 'Han et al. 2016, Deep Compression',
    net: 'LeNet-300-100',
    theirs: {error: 1.58, left: '1/40 of the file'},
    ours: byFile('LeNet-300-100, 95 % zeros'),
  },
  {
    paper: 'Guo et al. 2016, Dynamic Network Surgery',
    net: 'LeNet-300-100',
    theirs: {error: 1.99, left: '1/56'},
    ours: bySurgery('lenet300'),
  },
  {
    paper: 'Molchanov et al. 2017, Sparse VD',
    net: 'LeNet-300-100',
    theirs: {error: 1.92, left: '1/68'},
    ours: bySurgery('lenet300'),
  },
  {
    paper: 'Lee et al. 2019, SNIP',
    net: 'LeNet-300-100',
    theirs: {error: 1.6, left: '1/20'},
    ours: byZeros('LeNet-300-100', 95),
  },
  {
    paper: 'Lee et al. 2019, SNIP',
    net: 'LeNet-300-100',
    theirs: {error: 2.4, left: '1/50'},
    ours: byZeros('LeNet-300-100', 98),
  },
  {
    paper: 'Han et al. 2015, magnitude',
    net: 'LeNet-5',
    theirs: {error: 0.77, left: '1/12'},
    ours: byZeros('LeNet-5', 92),
  },
  {
    paper: 'Han et al. 2016, Deep Compression',
    net: 'LeNet-5',
    theirs: {error: 0.74, left: '1/39 of the file'},
    ours: byFile('LeNet-5, 92 % zeros'),
  },
  {
    paper: 'Guo et al. 2016, Dynamic Network Surgery',
    net: 'LeNet-5',
    theirs: {error: 0.91, left: '1/108'},
    ours: bySurgery('lenet5'),
  },
  {
    paper: 'Molchanov et al. 2017, Sparse VD',
    net: 'LeNet-5',
    theirs: {error: 0.75, left: '1/280'},
    ours: bySurgery('lenet5'),
  },
  {
    paper: 'Lee et al. 2019, SNIP',
    net: 'LeNet-5',
    theirs: {error: 0.8, left: '1/50'},
    ours: bySurgery('lenet5'),
  },
  {
    paper: 'Louizos et al. 2017, BC-GHS, whole neurons',
    net: 'LeNet-5',
    theirs: {error: 1, left: '5-10-76-16 neurons, 1/419 of the file'},
    ours: byFile('LeNet-5, 5-10-16 neurons', '5-10-160-16 neurons, '),
  },
];

/** The head and the rows of the table of papers. */
export function paperRows(results: readonly StoredResult[]): string[][] {
  const figure = (bench: string, key: string) =>
    results.find(({name, figures}) => name === bench && key in figures)?.figures[key];
  const rows = ROWS.map(({paper, net, theirs, ours}) => {
    const {error, left = ''} = ours(figure);
    const own =
      error === undefined
        ? ['not run', '', '']
        : [error.toFixed(2), left, signed(error - theirs.error)];
    return [paper, net, theirs.error.toFixed(2), theirs.left, ...own];
  });
  const head = ['', 'net', 'error %', 'left', 'here, error %', 'left', 'points more'];
  return [head, ...rows];
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

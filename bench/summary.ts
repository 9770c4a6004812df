import {BENCHES} from './benches';
import {figuresOf} from './figures';
import {isOf, type StoredResult} from './stored';

/** The benchmarks' nets by what a reader calls them. */
const NETS: Readonly<Record<string, string>> = {
  mlp: 'LeNet-300-100',
  tutorial: 'CNN of the TensorFlow tutorial',
  cnn: 'small CNN',
  lenet5: 'LeNet-5',
  'resnet on 20000 images': 'ResNet 16-32-64, 20,000 images',
};

const DATA: Readonly<Record<string, string>> = {
  sparsity: 'MNIST',
  sparsity_fashion: 'Fashion-MNIST',
};

export const SPARSITIES = ['80 %', '90 %', '95 %', '98 %'];

/** The accuracy of one net on one data set, dense and by sparsity. */
export interface NetAccuracy {
  net: string;
  data: string;
  command: string;
  dense: number;
  /** In the order of `SPARSITIES`; `undefined` where it was not measured. */
  pruned: Array<number | undefined>;
}

/** Accuracies of all nets, pruned while they train with `scope: 'global'`. */
export function accuracies(results: readonly StoredResult[]): NetAccuracy[] {
  return results
    .filter(({name}) => name in DATA)
    .flatMap((result) => {
      const figures = figuresOf(result).filter(
        ({library, parts}) => library === 'tfjs-prune' && parts[2] === 'global',
      );
      const of = (net: string, sparsity: string) =>
        figures.find(({parts}) => parts[0] === net && parts[1] === sparsity)?.value;
      return Object.entries(NETS).flatMap(([net, title]) => {
        const dense = of(net, 'dense');
        return dense === undefined
          ? []
          : [
              {
                net: title,
                data: DATA[result.name],
                command: result.command.split('; ')[0],
                dense,
                pruned: SPARSITIES.map((sparsity) => of(net, sparsity)),
              },
            ];
      });
    });
}

/** A row for each bar that is missed: benchmark, figure, its value and the bar. */
export function missed(results: readonly StoredResult[]): string[][] {
  return Object.entries(BENCHES).flatMap(([name, {title}]) =>
    results
      .filter((result) => isOf(name, result))
      .flatMap(({backend, bars}) =>
        Object.entries(bars)
          .filter(([, {holds}]) => !holds)
          .map(([key, {value, is, limit}]) => [
            title,
            backend,
            key,
            String(value),
            `${is} ${limit}`,
          ]),
      ),
  );
}

/** When and of what was measured: the newest commit, and what is older. */
export function ages(results: readonly StoredResult[]): string {
  const newest = [...results].sort((a, b) => (a.date < b.date ? 1 : -1))[0];
  if (!newest) {
    return 'Nothing is measured yet.';
  }
  const older = results.filter(({commit}) => commit !== newest.commit);
  const names = older.map(
    ({name, backend, commit, date}) => `${name} on ${backend} (${date}, ${commit})`,
  );
  const rest = names.length > 0 ? ` Of other commits: ${names.join('; ')}.` : '';
  return `Measured at commit ${newest.commit}, ${newest.date}.${rest}`;
}

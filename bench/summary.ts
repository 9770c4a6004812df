import {BENCHES} from './benches';
import {figuresOf} from './figures';
import {isOf, type StoredResult} from './stored';

/** What a reader calls a net and its data, by the benchmark and its name for the net. */
const NETS: Readonly<Record<string, Readonly<Record<string, readonly [string, string]>>>> = {
  sparsity: onDigits('MNIST'),
  sparsity_fashion: onDigits('Fashion-MNIST'),
  datasets: {
    mails: ['embedding and convolution', 'e-mails of SpamAssassin'],
    pictures: ['residual net', 'colored pictures of emoji'],
    series: ['convolutions over time', 'spoken Japanese vowels'],
  },
};

function onDigits(data: string): Readonly<Record<string, readonly [string, string]>> {
  return {
    mlp: ['LeNet-300-100', data],
    tutorial: ['CNN of the TensorFlow tutorial', data],
    cnn: ['small CNN', data],
    lenet5: ['LeNet-5', data],
    'resnet on 20000 images': ['ResNet 16-32-64, 20,000 images', data],
  };
}

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
  return results.flatMap((result) => {
    const figures = figuresOf(result).filter(({library}) => library === 'tfjs-prune');
    const of = (net: string, ...rest: string[]) =>
      figures.find(
        ({parts}) =>
          parts[0] === net &&
          parts.length === rest.length + 1 &&
          rest.every((part) => parts.includes(part)),
      )?.value;
    return Object.entries(NETS[result.name] ?? {}).flatMap(([key, [net, data]]) => {
      const dense = of(key, 'dense') ?? of(key, 'dense', 'global');
      const command = result.command.split('; ')[0];
      const pruned = SPARSITIES.map((sparsity) => of(key, sparsity, 'global'));
      return dense === undefined ? [] : [{net, data, command, dense, pruned}];
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

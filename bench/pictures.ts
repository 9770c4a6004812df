import {parse, View} from 'vega';
import {compile, type TopLevelSpec} from 'vega-lite';

import {figuresOf} from './figures';
import {slimSvg} from './slim_svg';
import {isOf, type StoredResult} from './stored';
import {accuracies, SPARSITIES} from './summary';

/** A picture of what one benchmark measured. */
export interface Picture {
  bench: string;
  file: string;
  title: string;
  svg: string;
}

/** Of each kind of specification in turn: `Omit` of all keeps only what they share. */
type WithoutData<Spec> = Spec extends unknown ? Omit<Spec, 'data'> : never;

type Values = Array<Record<string, string | number>>;

interface Drawing {
  bench: string;
  title: string;
  /** What is drawn of a result; nothing, no picture. */
  values: (result: StoredResult) => Values;
  spec: WithoutData<TopLevelSpec>;
}

const SIZE = {width: 260, height: 220};

const SPARSITY_AXIS = {
  field: 'sparsity',
  type: 'quantitative' as const,
  scale: {zero: false},
  axis: {title: 'sparsity %', values: [80, 90, 95, 98]},
};

const DRAWINGS: readonly Drawing[] = [
  {
    bench: 'workers',
    title: 'Trials of 1 s by a queue: share of the time that is sleep',
    values: ({figures}) =>
      Object.entries(figures).flatMap(([key, value]) => {
        const [, server, workers] = /^efficiency, (.+), (\d+) workers$/.exec(key) ?? [];
        return server === undefined ? [] : [{server, workers: Number(workers), value}];
      }),
    spec: {
      ...SIZE,
      mark: {type: 'line', point: true},
      encoding: {
        x: {
          field: 'workers',
          type: 'quantitative',
          scale: {type: 'log', base: 2},
          axis: {title: 'workers', values: [1, 4, 16, 64]},
        },
        y: {
          field: 'value',
          type: 'quantitative',
          scale: {domain: [0, 1]},
          axis: {title: 'efficiency'},
        },
        color: {field: 'server', type: 'nominal', title: null},
      },
    },
  },
  {
    bench: 'headline',
    title: 'LeNet-5 before and after pruning',
    values: ({figures}) =>
      (
        [
          ['download, kB', 'bytes', 1e-3],
          ['32 predictions, ms', 'ms, batch 32', 1],
          ['test accuracy, %', 'accuracy', 1],
        ] as const
      ).flatMap(([measure, key, scale]) =>
        ['dense', 'pruned'].map((model) => {
          const value = scale * figures[`${key}, ${model}`];
          return {measure, model, value, text: value.toFixed(key === 'accuracy' ? 2 : 1)};
        }),
      ),
    spec: {
      facet: {
        column: {
          field: 'measure',
          type: 'nominal',
          title: null,
          sort: ['download, kB', '32 predictions, ms'],
        },
      },
      spec: {
        width: 190,
        height: 60,
        encoding: {
          y: {field: 'model', type: 'nominal', title: null, axis: {ticks: false}},
          x: {field: 'value', type: 'quantitative', title: null, axis: null},
        },
        layer: [
          {
            mark: 'bar',
            encoding: {color: {field: 'model', type: 'nominal', legend: null}},
          },
          {
            mark: {type: 'text', align: 'left', dx: 4},
            encoding: {text: {field: 'text', type: 'nominal'}},
          },
        ],
      },
      resolve: {scale: {x: 'independent'}},
    },
  },
  {
    bench: 'tfmot',
    title: 'CPU time of a batch, pruned by plain',
    values: (result) =>
      figuresOf(result).flatMap(({parts: [model, frequency], library, value}) =>
        frequency?.startsWith('frequency ')
          ? [{model, frequency: Number(frequency.slice(10)), library, value}]
          : [],
      ),
    spec: {
      ...SIZE,
      mark: {type: 'line', point: true},
      encoding: {
        x: {
          field: 'frequency',
          type: 'quantitative',
          scale: {type: 'log'},
          axis: {title: 'steps between mask updates', values: [1, 10, 100]},
        },
        y: {field: 'value', type: 'quantitative', scale: {type: 'log'}, title: 'pruned / plain'},
        color: {field: 'library', type: 'nominal', title: null},
        column: {field: 'model', type: 'nominal', title: null},
      },
    },
  },
  {
    bench: 'overhead',
    title: 'CPU time of a batch by callback, by plain',
    values: (result) =>
      figuresOf(result).flatMap(({parts: [model, ...callback], value}) =>
        callback[0] === 'plain ms' ? [] : [{model, callback: callback.join(', '), value}],
      ),
    spec: {
      width: 220,
      mark: 'tick',
      encoding: {
        y: {
          field: 'callback',
          type: 'nominal',
          title: null,
          sort: null,
          axis: {labelLimit: 400, grid: true},
        },
        x: {field: 'value', type: 'quantitative', scale: {zero: false}, title: 'with / plain'},
        color: {field: 'model', type: 'nominal', title: null},
      },
    },
  },
  {
    bench: 'sparsity',
    title: 'Accuracy by sparsity',
    values: (result) =>
      figuresOf(result).flatMap(({parts: [model, sparsity, scope], library, value}) =>
        sparsity === 'dense'
          ? []
          : [{model, sparsity: parseFloat(sparsity), way: `${library}, ${scope}`, value}],
      ),
    spec: {
      ...SIZE,
      mark: {type: 'line', point: true},
      encoding: {
        x: SPARSITY_AXIS,
        y: {field: 'value', type: 'quantitative', scale: {zero: false}, title: 'accuracy %'},
        color: {field: 'way', type: 'nominal', title: null},
        column: {field: 'model', type: 'nominal', title: null},
      },
      resolve: {scale: {y: 'independent'}},
    },
  },
  {
    bench: 'accuracy',
    title: 'Accuracy by sparsity, pruned at once',
    values: (result) =>
      figuresOf(result).flatMap(({parts: [sparsity], library, value}) =>
        sparsity === 'dense' ? [] : [{sparsity: parseFloat(sparsity), library, value}],
      ),
    spec: {
      ...SIZE,
      mark: {type: 'line', point: true},
      encoding: {
        x: SPARSITY_AXIS,
        y: {field: 'value', type: 'quantitative', scale: {zero: false}, title: 'accuracy %'},
        color: {field: 'library', type: 'nominal', title: null},
      },
    },
  },
  {
    bench: 'trained',
    title: 'A trained MobileNetV2, smaller: how its predictions change',
    values: ({figures}) =>
      Object.entries(figures).flatMap(([key, change]) => {
        const [, name, what, way] = /^((weights|channels) \d+ %, (.*)), change$/.exec(key) ?? [];
        return name === undefined
          ? []
          : ['ms', 'kB'].flatMap((measure) => {
              const value = figures[`${name}, ${measure}`];
              return value === undefined ? [] : [{what, way, change, measure, value}];
            });
      }),
    spec: {
      ...SIZE,
      mark: {type: 'line', point: {size: 60}},
      encoding: {
        x: {field: 'value', type: 'quantitative', scale: {zero: false}, title: null},
        y: {field: 'change', type: 'quantitative', title: 'mean change of a probability'},
        color: {field: 'way', type: 'nominal', title: null, sort: null, legend: {labelLimit: 300}},
        shape: {field: 'what', type: 'nominal', title: null},
        strokeDash: {field: 'what', type: 'nominal', legend: null},
        column: {field: 'measure', type: 'nominal', title: null, sort: null},
      },
      resolve: {scale: {x: 'independent'}},
    },
  },
  {
    bench: 'size',
    title: 'Accuracy by bytes to download',
    values: ({figures}) =>
      Object.entries(figures).flatMap(([key, bytes]) => {
        const accuracy = figures[`${key}, accuracy`];
        const [model, way] = key.split(': ');
        return accuracy === undefined ? [] : [{model, way, bytes, accuracy}];
      }),
    spec: {
      width: 420,
      height: 260,
      mark: {type: 'point', filled: true, size: 70},
      encoding: {
        x: {field: 'bytes', type: 'quantitative', scale: {type: 'log'}, title: 'bytes'},
        y: {field: 'accuracy', type: 'quantitative', scale: {zero: false}, title: 'accuracy %'},
        color: {field: 'way', type: 'nominal', title: null, legend: {labelLimit: 300}},
        shape: {field: 'model', type: 'nominal', title: null},
      },
    },
  },
  predictions('shrink', 'CPU time of a prediction, dense by each'),
  predictions('browser', 'Time of a prediction in Chromium, dense by each'),
];

/** Ratios of times, a column for each batch size. */
function predictions(bench: string, title: string): Drawing {
  return {
    bench,
    title,
    values: (result) =>
      figuresOf(result).flatMap(({parts, library, value}) => {
        const batch = parts.at(-1)!;
        const net = [...parts.slice(0, -1), library === 'tfjs-prune' ? '' : library];
        return batch.startsWith('batch ')
          ? [{net: net.filter(Boolean).join(', '), batch, value}]
          : [];
      }),
    spec: {
      width: 220,
      mark: 'bar',
      encoding: {
        y: {
          field: 'net',
          type: 'nominal',
          title: null,
          sort: null,
          axis: {labelLimit: 400, ticks: false},
        },
        x: {field: 'value', type: 'quantitative', title: 'dense / this'},
        column: {field: 'batch', type: 'nominal', title: null},
      },
    },
  };
}

/** A picture for each result that there is one for. */
export async function drawAll(results: readonly StoredResult[]): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const {bench, title, values, spec} of DRAWINGS) {
    // Those of Fashion-MNIST look the same; its tables say how they differ.
    const drawn = results.filter((each) => isOf(bench, each) && !each.name.endsWith('_fashion'));
    for (const result of drawn) {
      const points = values(result);
      if (points.length > 0) {
        const file = `${result.name}-${result.backend.replaceAll(', ', '+')}.svg`;
        const part = result.name.slice(bench.length + 1);
        const full = [title, part, result.backend].filter(Boolean).join(', ');
        pictures.push({bench, file, title: full, svg: await draw(full, points, spec)});
      }
    }
  }
  return pictures;
}

/** The accuracies of all nets by sparsity in one picture, if any was measured. */
export async function drawExpected(results: readonly StoredResult[]): Promise<Picture | null> {
  const title = 'Accuracy by sparsity of all nets';
  const values = accuracies(results).flatMap(({net, data, dense, pruned}) =>
    [dense, ...pruned].flatMap((accuracy, i) =>
      accuracy === undefined
        ? []
        : [{net: `${net}, ${data}`, zeros: i === 0 ? 'dense' : SPARSITIES[i - 1], accuracy}],
    ),
  );
  const spec: Drawing['spec'] = {
    width: 420,
    height: 260,
    mark: {type: 'line', point: true, clip: true},
    encoding: {
      x: {
        field: 'zeros',
        type: 'ordinal',
        sort: ['dense', ...SPARSITIES],
        axis: {title: 'zeros', labelAngle: 0},
      },
      y: {
        field: 'accuracy',
        type: 'quantitative',
        scale: {domain: [70, 100]},
        axis: {title: 'test accuracy %'},
      },
      color: {field: 'net', type: 'nominal', title: null, legend: {labelLimit: 400}},
    },
  };
  return values.length > 0
    ? {bench: 'sparsity', file: 'expected.svg', title, svg: await draw(title, values, spec)}
    : null;
}

async function draw(title: string, values: Values, spec: Drawing['spec']): Promise<string> {
  const full = {...spec, title, data: {values}, background: 'white', padding: 10} as TopLevelSpec;
  const view = new View(parse(compile(full).spec), {renderer: 'none'});
  return `${slimSvg(await view.toSVG())}\n`;
}

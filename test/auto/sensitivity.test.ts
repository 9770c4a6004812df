import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  ConstantSparsity,
  PruningError,
  pruneNow,
  recalibrateNormalization,
  sensitivity,
  sensitivitySvg,
  stripPruning,
  type SensitivityArgs,
  type SensitivityResult,
} from '../../lib/index';
import {data, dataset, fillKernels, mlp, setWeight, state, values} from '../setup/models';

/** y = x·(first kernel)·(second kernel), whose loss against zeros is known. */
function linear() {
  const layers = [
    tfl.layers.dense({units: 2, useBias: false, inputShape: [2], name: 'a'}),
    tfl.layers.dense({units: 1, useBias: false, name: 'b'}),
  ];
  const model = tfl.sequential({layers});
  setWeight(model.layers[0], 0, [4, 1, 2, 3]);
  setWeight(model.layers[1], 0, [1, 10]);
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  return model;
}

function convolutions() {
  const model = tfl.sequential({
    layers: [
      tfl.layers.conv2d({filters: 4, kernelSize: 3, inputShape: [6, 6, 1], name: 'conv_a'}),
      tfl.layers.batchNormalization({name: 'norm'}),
      tfl.layers.conv2d({filters: 8, kernelSize: 3, name: 'conv_b'}),
      tfl.layers.flatten(),
      tfl.layers.dense({units: 5, name: 'dense'}),
      tfl.layers.dense({units: 3, activation: 'softmax', name: 'classes'}),
    ],
  });
  model.compile({optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy']});
  return fillKernels(model);
}

describe('sensitivity', () => {
  it('prunes the weights that are asked for, and no others of their layer', async () => {
    const layers = [
      tfl.layers.simpleRNN({
        units: 3,
        inputShape: [4, 2],
        name: 'rnn',
        biasInitializer: 'ones',
        recurrentInitializer: 'glorotUniform',
      }),
      tfl.layers.dense({units: 2, name: 'out', biasInitializer: 'ones'}),
    ];
    const model = fillKernels(tfl.sequential({layers}));
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const samples = {x: tf.randomNormal([8, 4, 2], 0, 1, 'float32', 1), y: tf.zeros([8, 2])};
    const scan = async (asked: SensitivityArgs['layers']) => {
      const args = {layers: asked, sparsities: [0.4], metric: 'loss'} as const;
      const {layers: found} = await sensitivity(model, samples, args);
      return found.map(({name, size, points: [{metric}]}) => ({name, size, metric}));
    };
    const [recurrent] = await scan(['rnn/recurrent_kernel']);
    const [whole] = await scan(['rnn']);
    expect([recurrent, whole]).toMatchObject([
      {name: 'rnn/recurrent_kernel', size: 9},
      {name: 'rnn', size: 15},
    ]);
    expect(recurrent.metric).not.toBe(whole.metric);
    expect(await scan([/bias$/])).toMatchObject([
      {name: 'rnn/bias', size: 3},
      {name: 'out/bias', size: 2},
    ]);
    expect(await scan([/kernel$/])).toMatchObject([{name: 'rnn'}, {name: 'out', size: 6}]);
  });

  it.each(['follow', 'keep'] as const)('measures statistics anew or not: %s', async (way) => {
    const layers = [
      tfl.layers.dense({units: 6, inputShape: [4], name: 'a'}),
      tfl.layers.batchNormalization({name: 'norm'}),
      tfl.layers.dense({units: 1, name: 'b'}),
    ];
    const model = fillKernels(tfl.sequential({layers}));
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const x = tf.randomNormal([40, 4], 2, 3, 'float32', 5);
    const samples = {x, y: tf.zeros([40, 1]), batchSize: 10};
    const before = state(model);
    const args = {metric: 'loss', sparsities: [0.5], normalization: way} as const;
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const {layers: found} = await sensitivity(model, samples, args);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    expect(state(model)).toEqual(before);
    await pruneNow(model, {sparsity: 0.5, layers: ['a']});
    if (way === 'follow') {
      await recalibrateNormalization(model, samples);
    }
    const loss = model.evaluate(x, samples.y, {batchSize: 10}) as tf.Scalar;
    expect(found[0].points[0].metric).toBeCloseTo((await loss.data())[0], 3);
  });

  it('measures each layer alone', async () => {
    const model = linear();
    const [x, y] = [tf.ones([1, 2]), tf.zeros([1, 1])];
    const result = await sensitivity(model, {x, y}, {metric: 'loss', sparsities: [0.25, 0.5]});
    // [1 1]·[4 1; 2 3]·[1 10] = 6 + 40, and without the smallest of a, or of b.
    expect(result).toEqual({
      granularity: 'weight',
      metric: 'loss',
      baseline: 46 ** 2,
      layers: [
        {
          name: 'a',
          size: 4,
          points: [
            {sparsity: 0.25, metric: 36 ** 2},
            {sparsity: 0.5, metric: 34 ** 2},
          ],
        },
        {
          name: 'b',
          size: 2,
          points: [
            {sparsity: 0.25, metric: 40 ** 2},
            {sparsity: 0.5, metric: 40 ** 2},
          ],
        },
      ],
    });
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    tf.dispose([x, y]);
  });

  it.each(['weight', 'channel', 'neuron'] as const)(
    'leaves the model as it was: %s',
    async (granularity) => {
      const model = convolutions();
      await pruneNow(model, {sparsity: 0.3, layers: ['conv_b']});
      stripPruning(model);
      const [x, y] = [tf.randomNormal([8, 6, 6, 1]), tf.randomUniform([8, 3])];
      const before = state(model);
      const args = {granularity, sparsities: [0.5, 0.8]};
      const first = await sensitivity(model, {x, y, batchSize: 4}, args);
      expect(state(model)).toEqual(before);
      expect(await sensitivity(model, {x, y, batchSize: 4}, args)).toEqual(first);
      const names = {
        weight: ['conv_a', 'conv_b', 'dense', 'classes'],
        channel: ['conv_a', 'conv_b'],
        neuron: ['dense'],
      };
      expect(first.layers.map(({name}) => name)).toEqual(names[granularity]);
      tf.dispose([x, y]);
    },
  );

  it('prunes what a callback would: the metric sees it', async () => {
    const model = convolutions();
    const seen: number[] = [];
    const metric = (given: tfl.LayersModel) => {
      seen.push(values(given.getLayer('conv_b').weights[0]).filter((value) => value === 0).length);
      return 1;
    };
    const [x, y] = [tf.ones([1, 6, 6, 1]), tf.ones([1, 3])];
    const args = {
      metric,
      granularity: 'channel',
      layers: ['conv_b'],
      sparsities: [0.25, 0.5],
    } as const;
    const result = await sensitivity(model, {x, y}, args);
    expect(seen).toEqual([0, 2 * 9 * 4, 4 * 9 * 4]);
    expect(result.metric).toBe('metric');
    tf.dispose([x, y]);
  });

  it('measures the loss of a model without accuracy', async () => {
    const model = mlp();
    const {x, y} = data();
    const given = await sensitivity(model, {x, y}, {metric: 'loss', sparsities: [0.5]});
    expect(await sensitivity(model, {x, y}, {sparsities: [0.5]})).toEqual(given);
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['accuracy']});
    expect((await sensitivity(model, {x, y}, {sparsities: [0.5]})).metric).toBe('accuracy');
    tf.dispose([x, y]);
  });

  it('takes data for an importance', async () => {
    const model = mlp();
    const {x, y} = data();
    const before = state(model);
    const args = {metric: 'loss', granularity: 'neuron', sparsities: [0.5]} as const;
    const calibration = {x, y};
    const result = await sensitivity(model, {x, y}, {...args, importance: 'taylor', calibration});
    expect(result.layers[0].points[0].metric).not.toBe(result.baseline);
    expect(state(model)).toEqual(before);
    tf.dispose([x, y]);
  });

  it('gives back masks that were there, and they hold in training', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0});
    await model.fit(x, y, {batchSize: 10, verbose: 0, callbacks: [pruner]});
    const before = state(model);
    await sensitivity(model, {x, y}, {metric: 'loss', sparsities: [0.2, 0.9]});
    expect(state(model)).toEqual(before);
    tf.dispose([x, y]);
    stripPruning(model);
  });

  it('takes a dataset', async () => {
    const model = mlp();
    const {x, y} = data();
    const args = {metric: 'loss', sparsities: [0.5]} as const;
    const before = tf.memory().numTensors;
    type Given = Parameters<typeof sensitivity>[1];
    const streamed = await sensitivity(model, dataset() as Given, args);
    expect(tf.memory().numTensors).toBe(before);
    const whole = await sensitivity(model, {x, y}, args);
    streamed.layers.forEach(({points}, i) =>
      expect(points[0].metric).toBeCloseTo(whole.layers[i].points[0].metric, 5),
    );
    tf.dispose([x, y]);
  });

  it.each(['a metric that throws', 'onProgress', 'a signal'])(
    'leaves the model as it was when stopped by %s',
    async (what) => {
      const model = mlp();
      const {x, y} = data();
      const before = state(model);
      let calls = 0;
      const controller = new AbortController();
      const args: SensitivityArgs = {
        metric: () => {
          if (++calls > 2 && what === 'a metric that throws') {
            throw new Error('enough');
          }
          return calls;
        },
        onProgress: ({done}) => {
          if (what === 'a signal' && done === 3) {
            controller.abort();
          }
          return what !== 'onProgress' || done < 3;
        },
        signal: controller.signal,
      };
      const expected = what === 'a metric that throws' ? {message: 'enough'} : {name: 'AbortError'};
      await expect(sensitivity(model, {x, y}, args)).rejects.toMatchObject(expected);
      expect(state(model)).toEqual(before);
      tf.dispose([x, y]);
    },
  );

  it('tells how far it is', async () => {
    const model = mlp();
    const {x, y} = data();
    const told: Array<[string, number, number, number]> = [];
    await sensitivity(
      model,
      {x, y},
      {
        metric: 'loss',
        sparsities: [0.5, 0.9],
        onProgress: ({layer, sparsity, done, total, secondsLeft}) => {
          told.push([layer, sparsity, done, total]);
          expect(secondsLeft).toBeGreaterThanOrEqual(0);
        },
      },
    );
    expect(told).toEqual([
      ['dense_0', 0.5, 1, 4],
      ['dense_0', 0.9, 2, 4],
      ['dense_1', 0.5, 3, 4],
      ['dense_1', 0.9, 4, 4],
    ]);
    tf.dispose([x, y]);
  });

  it.each<[string, object, object, string]>([
    ['no data', {x: undefined}, {}, 'data.x: expected a tensor'],
    ['no samples', {x: [0, 4]}, {}, 'data.x: expected at least one sample'],
    ['an empty dataset', {size: 0, iterator: async () => null}, {}, 'data: expected at least one'],
    ['sparsity 1', {}, {sparsities: [1]}, 'sparsities[0]: expected a number in [0, 1)'],
    ['no sparsities', {}, {sparsities: []}, 'sparsities: expected a list'],
    ['metric', {}, {metric: 'auc'}, "metric: expected 'accuracy', 'loss' or a function"],
    [
      'accuracy not compiled',
      {},
      {metric: 'accuracy'},
      "metric: expected 'loss', a function, or a model compiled",
    ],
    ['granularity', {}, {granularity: 'layer'}, "granularity: expected 'weight'"],
    ['gradients', {}, {metric: 'loss', criterion: 'taylor'}, 'criterion: expected one that needs'],
    ['importance', {}, {importance: 'l1'}, "importance: expected 'criterion' for granularity"],
    ['taylor', {}, {metric: 'loss', granularity: 'neuron', importance: 'taylor'}, 'calibration:'],
    ['layer', {}, {metric: 'loss', layers: ['x']}, 'layers: expected'],
    ['option', {}, {sparsity: 1}, 'sensitivity: expected options among'],
    ['signal', {}, {signal: 1}, 'signal: expected an AbortSignal'],
    ['NaN', {}, {metric: () => NaN}, 'metric: expected a function that gives finite numbers'],
    [
      'shape',
      {y: [40, 9]},
      {metric: 'loss'},
      'data.y: expected a tensor of shape [samples, 2], but got [40,9].',
    ],
  ])('refuses %s', async (_, given, args, message) => {
    const model = mlp();
    const before = state(model);
    const {x, y} = data();
    const zeros = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [
        key,
        Array.isArray(value) ? tf.zeros(value) : value,
      ]),
    );
    const samples = 'iterator' in given ? given : {x, y, ...zeros};
    const promise = sensitivity(model, samples as never, args as SensitivityArgs);
    await expect(promise).rejects.toThrow(message);
    await expect(promise).rejects.toBeInstanceOf(PruningError);
    tf.dispose([x, y, zeros as tf.NamedTensorMap]);
    expect(state(model)).toEqual(before);
  });
});

describe('sensitivitySvg', () => {
  const result: SensitivityResult = {
    granularity: 'weight',
    metric: 'accuracy',
    baseline: 0.99,
    layers: [
      {
        name: 'a<b>&"c"',
        size: 10,
        points: [
          {sparsity: 0.9, metric: 0.5},
          {sparsity: 0.5, metric: 0.98},
        ],
      },
      {name: 'a_layer_with_quite_a_long_name', size: 10, points: [{sparsity: 0.5, metric: 0.9}]},
    ],
  };

  it('draws a line for each layer from the baseline, by sparsity', () => {
    const svg = sensitivitySvg(result);
    const lines = [...svg.matchAll(/<path d="M([^"]*L[^"]*)"\/><path/g)].map(([, path]) =>
      path.split('L').map((point) => point.split(' ').map(Number)),
    );
    expect(lines).toHaveLength(2);
    // 0.9 is the right end of 400 pixels from 56 on.
    expect(lines[0].map(([x]) => x)).toEqual([56, 278.2, 456]);
    const [top, middle, bottom] = lines[0].map(([, y]) => y);
    // 0.5 to 0.99 are the inner 1/1.1 of 264 pixels.
    expect(bottom - top).toBeCloseTo(264 / 1.1, 0);
    expect(middle - top).toBeCloseTo((264 / 1.1) * (0.01 / 0.49), 0);
    expect(svg).toContain('a&lt;b&gt;&amp;&quot;c&quot;');
    expect(svg).toContain('…ith_quite_a_long_name<');
    expect(svg.match(/<circle/g)).toHaveLength(3);
  });

  it('is well-formed, whatever the values', () => {
    const flat = {...result, layers: [{name: 'a', size: 1, points: [{sparsity: 0, metric: 0.99}]}]};
    for (const svg of [sensitivitySvg(result), sensitivitySvg(flat)]) {
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      const open: string[] = [];
      for (const [, slash, name, self] of svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
        if (slash) {
          expect(open.pop()).toBe(name);
        } else if (!self) {
          open.push(name);
        }
      }
      expect(open).toEqual([]);
    }
  });

  it('refuses what is no result', () => {
    expect(() => sensitivitySvg({} as SensitivityResult)).toThrow(
      'result: expected a result of sensitivity()',
    );
  });
});

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

import {
  distill,
  PolynomialDecay,
  PruningError,
  stripPruning,
  type DistillArgs,
} from '../../lib/index';
import {fillKernels, random, values, weights, zeros} from '../setup/models';

const CLASSES = 3;

/** A classifier of 4 numbers, by logits where asked. */
function classifier(seed: number, units = 6, activation: 'softmax' | 'linear' = 'softmax') {
  const layers = [
    tfl.layers.dense({units, activation: 'tanh', inputShape: [4], name: 'hidden'}),
    tfl.layers.dense({units: CLASSES, activation, name: 'classes'}),
  ];
  return fillKernels(tfl.sequential({layers}), seed);
}

/** 12 samples, and their classes: as numbers and one-hot. */
function samples() {
  const next = random(5);
  const x = tf.tensor2d(
    Array.from({length: 48}, () => 2 * next() - 1),
    [12, 4],
  );
  const numbers = Array.from({length: 12}, (_, i) => i % CLASSES);
  const y = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(numbers, 'int32'), CLASSES), 'float32'));
  return {x, y, numbers};
}

/** Three batches of four of `samples`; in another order the second time, if `isMixed`. */
function batches({x, y}: {x: tf.Tensor; y: tf.Tensor}, isMixed = false) {
  let epoch = 0;
  const iterator = async () => {
    const shift = isMixed ? epoch++ : 0;
    return (async function* () {
      for (let i = 0; i < 3; ++i) {
        const at = [4 * ((i + shift) % 3), 0];
        yield {xs: tf.slice(x, at, [4, -1]), ys: tf.slice(y, at, [4, -1])};
      }
    })();
  };
  return {size: 3, iterator};
}

const softmax = (z: number[]) => {
  const powers = z.map((value) => Math.exp(value - Math.max(...z)));
  return powers.map((power) => power / powers.reduce((a, b) => a + b));
};

/** The least probability that the built-in cross-entropy of probabilities tells from 0. */
const LEAST = 1e-7;

/** The loss of one sample as its formula says it, of a label's probability of `least` or more. */
function formula(
  [teacher, student]: number[][],
  label: number,
  [T, alpha, least]: [number, number, number],
) {
  const soft = softmax(teacher.map((z) => z / T));
  const learned = softmax(student.map((z) => z / T));
  const divergence = soft.reduce((all, q, i) => all + q * Math.log(q / learned[i]), 0);
  return (
    alpha * T * T * divergence - (1 - alpha) * Math.log(Math.max(softmax(student)[label], least))
  );
}

/** A model that puts out its input. */
function identity(activation: 'softmax' | 'linear') {
  return tfl.sequential({layers: [tfl.layers.activation({activation, inputShape: [CLASSES]})]});
}

describe('distill: the loss', () => {
  const logits = fc.array(fc.double({min: -8, max: 8, noNaN: true}), {minLength: 3, maxLength: 3});

  it.each(['softmax', 'linear'] as const)('is that of the formula, of a %s', async (activation) => {
    const teacher = identity(activation);
    const student = identity(activation);
    await fc.assert(
      fc.asyncProperty(
        logits,
        logits,
        fc.nat(CLASSES - 1),
        fc.double({min: 0.5, max: 20, noNaN: true}),
        fc.double({min: 0, max: 1, noNaN: true}),
        async (z, learned, label, temperature, alpha) => {
          const fromLogits = activation === 'linear';
          const {loss, targets} = distill({teacher, temperature, alpha, fromLogits});
          const [x, input, y] = [tf.tensor([z]), tf.tensor([learned]), tf.tensor1d([label])];
          const packed = (await targets(x, y)) as tf.Tensor;
          const output = student.predict(input) as tf.Tensor;
          const result = (loss as (a: tf.Tensor, b: tf.Tensor) => tf.Tensor)(packed, output);
          const least = fromLogits ? 0 : LEAST;
          const expected = formula([z, learned], label, [temperature, alpha, least]);
          // Float32 has 7 digits of T².
          expect(Math.abs(values(result)[0] - expected)).toBeLessThan(
            3e-5 * (1 + expected + temperature ** 2),
          );
          tf.dispose([x, input, y, packed, output, result]);
        },
      ),
      {numRuns: 40},
    );
  });

  it('of plain labels is the loss of the labels', async () => {
    const {loss} = distill({teacher: identity('softmax')});
    const y = tf.tensor2d([
      [0, 1, 0],
      [0.2, 0.2, 0.6],
    ]);
    const p = tf.tensor2d([
      [0.2, 0.5, 0.3],
      [0.1, 0.1, 0.8],
    ]);
    const result = (loss as (a: tf.Tensor, b: tf.Tensor) => tf.Tensor)(y, p);
    const expected = [-Math.log(0.5), -0.4 * Math.log(0.1) - 0.6 * Math.log(0.8)];
    expected.forEach((value, i) => expect(values(result)[i]).toBeCloseTo(value, 5));
    tf.dispose([y, p, result]);
  });

  it.each([
    [3, 0.7],
    [20, 1],
  ])('has the gradient of softening, for logits up to %s', async (size, alpha) => {
    const teacher = identity('softmax');
    const [z, learned, T] = [[2, 0, -1], [-size, size, 0], 3];
    const {loss, targets} = distill({teacher, temperature: T, alpha});
    const [x, y] = [tf.tensor([z]), tf.tensor1d([0])];
    const packed = (await targets(x, y)) as tf.Tensor;
    const ofLogits = (input: tf.Tensor) =>
      tf.sum(
        (loss as (a: tf.Tensor, b: tf.Tensor) => tf.Tensor)(packed, tf.softmax(input)),
      ) as tf.Scalar;
    const input = tf.tensor([learned]);
    const gradient = tf.grad(ofLogits)(input);
    const soft = softmax(z.map((value) => value / T));
    const warm = softmax(learned.map((value) => value / T));
    const hard = softmax(learned).map((p, i) => p - (i === 0 ? 1 : 0));
    warm.forEach((p, i) => {
      const expected = alpha * T * (p - soft[i]) + (1 - alpha) * hard[i];
      expect(values(gradient)[i]).toBeCloseTo(expected, 4);
    });
    tf.dispose([x, y, packed, input, gradient]);
  });

  it('takes a loss of the labels of your own', async () => {
    const hardLoss = (yTrue: tf.Tensor, yPred: tf.Tensor) =>
      tf.sum(tf.abs(tf.sub(yTrue, yPred)), -1);
    const {loss, targets} = distill({teacher: identity('softmax'), alpha: 0, hardLoss});
    const [x, y] = [tf.tensor([[1, 2, 3]]), tf.tensor([[0, 0, 1]])];
    const packed = (await targets(x, y)) as tf.Tensor;
    const p = tf.tensor([[0.5, 0.25, 0.25]]);
    const result = (loss as typeof hardLoss)(packed, p);
    expect(values(result)[0]).toBeCloseTo(1.5, 6);
    tf.dispose([x, y, packed, p, result]);
  });
});

type Loss = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

describe('distill: other outputs', () => {
  /** A model of this activation alone. */
  const of = (activation: 'sigmoid' | 'linear' | 'softmax', inputShape: number[]) =>
    tfl.sequential({layers: [tfl.layers.activation({activation, inputShape})]});
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
  const bernoulli = (q: number, p: number) =>
    (q === 0 ? 0 : q * Math.log(q / p)) + (q === 1 ? 0 : (1 - q) * Math.log((1 - q) / (1 - p)));
  const logits = fc.array(fc.double({min: -6, max: 6, noNaN: true}), {minLength: 2, maxLength: 2});

  it.each(['sigmoid', 'linear'] as const)(
    'are yes or no, by the formula, of a %s',
    async (last) => {
      const fromLogits = last === 'linear';
      const [teacher, student] = [of(last, [2]), of(last, [2])];
      await fc.assert(
        fc.asyncProperty(
          logits,
          logits,
          fc.array(fc.boolean(), {minLength: 2, maxLength: 2}),
          fc.double({min: 0.5, max: 8, noNaN: true}),
          fc.double({min: 0, max: 1, noNaN: true}),
          async (z, learned, yes, temperature, alpha) => {
            const kind = 'sigmoid';
            const {loss, targets} = distill({teacher, kind, temperature, alpha, fromLogits});
            const [x, input, y] = [
              tf.tensor([z]),
              tf.tensor([learned]),
              tf.tensor2d([yes.map(Number)]),
            ];
            const packed = (await targets(x, y)) as tf.Tensor;
            const output = student.predict(input) as tf.Tensor;
            const [found] = values((loss as Loss)(packed, output));
            const T = temperature;
            const soft = z.map((each, i) => bernoulli(sigmoid(each / T), sigmoid(learned[i] / T)));
            const hard = learned.map(
              (each, i) => -Math.log(yes[i] ? sigmoid(each) : sigmoid(-each)),
            );
            const mean = ([a, b]: number[]) => (a + b) / 2;
            const expected = alpha * T * T * mean(soft) + (1 - alpha) * mean(hard);
            expect(Math.abs(found - expected)).toBeLessThan(2e-5 * (1 + expected + T * T));
            tf.dispose([x, input, y, packed, output]);
          },
        ),
        {numRuns: 30},
      );
    },
  );

  it('have an accuracy by the labels, and a loss of plain ones', async () => {
    const one = fillKernels(
      tfl.sequential({
        layers: [tfl.layers.dense({units: 1, activation: 'sigmoid', inputShape: [4]})],
      }),
      1,
    );
    const {x, numbers} = samples();
    const {loss, metrics, targets} = distill({teacher: one});
    const student = fillKernels(
      tfl.sequential({
        layers: [tfl.layers.dense({units: 1, activation: 'sigmoid', inputShape: [4]})],
      }),
      2,
    );
    student.compile({optimizer: tf.train.sgd(0), loss, metrics});
    const labels = numbers.map((label) => Number(label > 0));
    const y = tf.tensor1d(labels);
    const {history} = await student.fit(x, await targets(x, y), {
      epochs: 1,
      verbose: 0,
      validationData: [x, tf.expandDims(y, 1)],
    });
    const guesses = [...values(student.predict(x) as tf.Tensor)].map((p) => Number(p > 0.5));
    const right = labels.filter((label, i) => label === guesses[i]).length / 12;
    expect(right).toBeLessThan(1);
    expect(history.acc[0]).toBeCloseTo(right, 5);
    expect(history.val_acc[0]).toBeCloseTo(right, 5);
    student.compile({optimizer: 'sgd', loss: 'binaryCrossentropy'});
    const [plain] = values(student.evaluate(x, tf.expandDims(y, 1)) as tf.Tensor);
    expect(history.val_loss[0]).toBeCloseTo(plain, 5);
  });

  it('are classes along another axis, as along the last', async () => {
    const [z, learned] = [
      [2, 0, -1, 1, 1, -2],
      [0, 1, 1, -1, 3, 0],
    ];
    /** Of inputs [2, 3] of which each row is of three classes. */
    const softmaxOf = (axis: number) =>
      tfl.sequential({
        layers: [
          tfl.layers.activation({activation: 'softmax', inputShape: [2, 3]}),
          ...(axis === 1 ? [tfl.layers.permute({dims: [2, 1]})] : []),
        ],
      });
    const results: number[][] = [];
    for (const axis of [1, 2]) {
      const rows = (numbers: number[]) => tf.tensor3d(numbers, [1, 2, 3]);
      const {loss, metrics, targets} = distill({teacher: softmaxOf(axis), axis, alpha: 0.7});
      const packed = (await targets(rows(z), tf.tensor2d([[1, 2]]))) as tf.Tensor;
      expect(packed.shape).toEqual(axis === 2 ? [1, 2, 3] : [1, 3, 2]);
      const student = softmaxOf(axis);
      student.compile({optimizer: 'sgd', loss, metrics});
      const evaluated = student.evaluate(rows(learned), packed) as tf.Scalar[];
      results.push(evaluated.flatMap((each) => [...values(each)]));
    }
    // Of the rows 0 1 1 and −1 3 0 the second class is the first of the largest, of the labels 1 and 2.
    expect(results[1][1]).toBe(0.5);
    results[0].forEach((value, i) => expect(value).toBeCloseTo(results[1][i], 5));
  });

  it('are values, by a gradient between the teacher and the labels', async () => {
    const teacher = tfl.sequential({layers: [tfl.layers.dense({units: 2, inputShape: [2]})]});
    const alpha = 0.25;
    const {loss, metrics, targets} = distill({teacher, alpha});
    expect(metrics).toEqual([]);
    const [x, y] = [tf.tensor([[1, 2]]), tf.tensor([[3, -1]])];
    const packed = (await targets(x, y)) as tf.Tensor;
    const said = teacher.predict(x) as tf.Tensor;
    const student = tf.tensor([[0.5, 0.25]]);
    const squares = (target: tf.Tensor) => (own: tf.Tensor) =>
      tf.mean(tf.square(tf.sub(own, target)));
    const gradient = (f: (own: tf.Tensor) => tf.Tensor) => [...values(tf.grad(f)(student))];
    const found = gradient((own) => tf.mean((loss as Loss)(packed, own)));
    const [byTeacher, byLabels] = [gradient(squares(said)), gradient(squares(y))];
    found.forEach((each, i) =>
      expect(each).toBeCloseTo(alpha * byTeacher[i] + (1 - alpha) * byLabels[i], 5),
    );
    expect(values((loss as Loss)(y, student))[0]).toBeCloseTo(values(squares(y)(student))[0], 5);
  });

  it('are several, each with its own, and weights', async () => {
    const make = (seed: number) => {
      const x = tfl.input({shape: [4]});
      const hidden = tfl.layers.dense({units: 5, activation: 'tanh', name: 'hidden'}).apply(x);
      const classes = tfl.layers.dense({units: CLASSES, activation: 'softmax', name: 'classes'});
      const price = tfl.layers.dense({units: 1, name: 'price'});
      const outputs = [classes, price].map((each) => each.apply(hidden) as tfl.SymbolicTensor);
      return fillKernels(tfl.model({inputs: x, outputs}), seed);
    };
    const [teacher, student, data] = [make(1), make(2), samples()];
    const price = tf.tensor1d(data.numbers);
    const outputs = {classes: {temperature: 3}, price: {alpha: 1, weight: 0.1}};
    const {loss, metrics, targets, dataset} = distill({teacher, outputs, alpha: 0.4, cache: true});
    const y = (await targets(data.x, [data.y, price])) as tf.Tensor[];
    const named = (await targets(data.x, {price, classes: data.y})) as tf.Tensor[];
    named.forEach((each, i) => expect(values(each)).toEqual(values(y[i])));
    student.compile({optimizer: tf.train.sgd(0), loss, metrics});
    const {history: logs} = await student.fit(data.x, y, {epochs: 1, verbose: 0});
    const [total, ofClasses, ofPrice, accuracy] = Object.values(logs).map(
      ([each]) => each as number,
    );
    expect(total).toBeCloseTo(ofClasses + ofPrice, 5);
    const ask = (model: tfl.LayersModel) => model.predict(data.x) as tf.Tensor[];
    const squares = tf.mean(tf.square(tf.sub(ask(teacher)[1], ask(student)[1])));
    expect(ofPrice).toBeCloseTo(0.1 * values(squares)[0], 5);
    const guesses = values(tf.argMax(ask(student)[0], 1));
    const right = data.numbers.filter((label, i) => label === guesses[i]).length / 12;
    expect(accuracy).toBeCloseTo(right, 5);
    const list = Array.from({length: 3}, (_, i) => ({
      xs: tf.slice(data.x, [4 * i, 0], [4, -1]),
      ys: {classes: tf.slice(data.y, [4 * i, 0], [4, -1]), price: tf.slice(price, 4 * i, 4)},
    }));
    const inner = {size: 3, iterator: async () => list.values()};
    const {history} = await student.fitDataset(dataset(inner as never), {epochs: 1, verbose: 0});
    expect(Object.keys(history)).toEqual(['loss', 'classes_loss', 'price_loss', 'classes_acc']);
  });

  it('are asked for once a sample, however batches come again', async () => {
    const [teacher, {x, y}] = [classifier(1), samples()];
    const asked: number[] = [];
    const {predict} = teacher;
    jest.spyOn(teacher, 'predict').mockImplementation((inputs, args) => {
      asked.push((inputs as tf.Tensor).shape[0]);
      return predict.call(teacher, inputs, args);
    });
    // 12 samples again and again, five at a time.
    const iterator = async () =>
      (function* () {
        for (let first = 0; first < 60; first += 5) {
          const places = tf.tensor1d(
            Array.from({length: 5}, (_, i) => (first + i) % 12),
            'int32',
          );
          yield {xs: tf.gather(x, places), ys: tf.gather(y, places)};
        }
      })();
    const {targets, dataset} = distill({teacher, cache: true});
    const whole = values((await targets(x, y)) as tf.Tensor);
    asked.length = 0;
    const walk = await dataset({size: Infinity, iterator} as never).iterator();
    let sample = 0;
    for (let next = await walk.next(); !next.done; next = await walk.next()) {
      const {ys} = next.value as {ys: tf.Tensor};
      values(ys).forEach((value, i) => {
        const row = (sample + Math.floor(i / CLASSES)) % 12;
        expect(value).toBeCloseTo(whole[row * CLASSES + (i % CLASSES)], 5);
      });
      sample += 5;
    }
    expect(asked).toEqual([5, 5, 2]);
  });

  it.each<[string, object, string]>([
    ['a kind', {kind: 'hinge'}, "kind: expected 'softmax' or 'sigmoid' or 'values'"],
    [
      'an axis of values',
      {kind: 'values', axis: 1},
      "axis: expected none unless kind is 'softmax'",
    ],
    ['an axis of no classes', {axis: 2}, 'axis: expected an axis of'],
    ['a name', {outputs: {price: {}}}, 'outputs: expected names among'],
    [
      'an option of an output',
      {outputs: {classes: {weihgt: 1}}},
      "outputs['classes']: expected options",
    ],
    [
      'a weight',
      {outputs: {classes: {weight: -1}}},
      "outputs['classes'].weight: expected a finite",
    ],
    [
      'a temperature',
      {outputs: {classes: {temperature: 0}}},
      "outputs['classes'].temperature: exp",
    ],
    [
      'an accuracy of values',
      {kind: 'values', metrics: ['accuracy']},
      'metrics: expected functions',
    ],
  ])('refuse %s', (_, args, message) => {
    const own = classifier(1);
    own.outputNames[0] = 'classes';
    expect(() => distill({teacher: own, ...args} as DistillArgs)).toThrow(message);
  });

  it('refuse labels that are not theirs', async () => {
    const yes = distill({teacher: of('sigmoid', [2])});
    const x = tf.ones([1, 2]);
    await expect(yes.targets(x, tf.tensor([[0.5, 1]]))).rejects.toThrow(
      'y: expected labels that are 0 or 1',
    );
    const number = distill({teacher: of('linear', [2])});
    await expect(number.targets(x, tf.tensor([[NaN, 1]]))).rejects.toThrow(
      'y: expected finite labels',
    );
    await expect(number.targets(x, [x, x])).rejects.toThrow('y: expected a tensor of labels');
  });
});

describe('distill: training', () => {
  it('fits a student that is pruned meanwhile; accuracy and validation are by the labels', async () => {
    const [teacher, student, data] = [classifier(1), classifier(2), samples()];
    const before = weights(teacher);
    const {loss, metrics, targets} = distill({teacher, metrics: ['accuracy', correct]});
    student.compile({optimizer: tf.train.sgd(0.01), loss, metrics});
    const y = await targets(data.x, data.y);
    const pruner = new PolynomialDecay({
      initialSparsity: 0,
      finalSparsity: 0.5,
      beginStep: 0,
      endStep: 3,
      frequency: 1,
    });
    const {history} = await student.fit(data.x, y, {
      epochs: 2,
      batchSize: 4,
      verbose: 0,
      callbacks: [pruner],
      validationData: [data.x, data.y],
    });
    const [, accuracy, share] = student.evaluate(data.x, data.y) as tf.Scalar[];
    const predicted = student.predict(data.x) as tf.Tensor;
    const classes = values(tf.argMax(predicted, 1));
    const right = data.numbers.filter((label, i) => classes[i] === label).length / 12;
    expect(values(accuracy)[0]).toBeCloseTo(right, 6);
    expect(values(share)[0]).toBeCloseTo(right, 6);
    expect(history.val_acc[1]).toBeCloseTo(right, 6);
    const [, packedAccuracy, packedShare] = student.evaluate(data.x, y) as tf.Scalar[];
    expect(values(packedAccuracy)[0]).toBeCloseTo(right, 6);
    expect(values(packedShare)[0]).toBeCloseTo(right, 6);
    expect(history).toHaveProperty('correct');
    expect(zeros(weights(student)[0])).toBe(12);
    expect(weights(teacher)).toEqual(before);
    stripPruning(student);
  });

  it('brings the student to the teacher', async () => {
    const [teacher, student, data] = [classifier(1), classifier(2), samples()];
    const {loss, metrics, targets} = distill({teacher, alpha: 1, temperature: 2});
    student.compile({optimizer: tf.train.adam(0.1), loss, metrics});
    const y = await targets(data.x, data.y);
    const {history} = await student.fit(data.x, y, {epochs: 40, verbose: 0});
    expect(history.loss[39] as number).toBeLessThan(0.02 * (history.loss[0] as number));
    const [ours, theirs] = [student, teacher].map((model) => model.predict(data.x) as tf.Tensor);
    values(ours).forEach((p, i) => expect(Math.abs(p - values(theirs)[i])).toBeLessThan(0.1));
  });

  it.each([false, true])('gives fitDataset what fit has, cached: %s', async (cache) => {
    const data = samples();
    const teacher = classifier(1);
    const trained: number[][][] = [];
    for (const way of ['fit', 'fitDataset']) {
      const student = classifier(2);
      const {loss, metrics, targets, dataset, dispose} = distill({teacher, cache});
      student.compile({optimizer: 'sgd', loss, metrics});
      const asked = jest.spyOn(teacher, 'predict');
      if (way === 'fit') {
        const y = await targets(data.x, data.y);
        await student.fit(data.x, y, {epochs: 3, batchSize: 4, shuffle: false, verbose: 0});
      } else {
        await student.fitDataset(dataset(batches(data)), {epochs: 3, verbose: 0});
        expect(asked).toHaveBeenCalledTimes(cache ? 3 : 9);
      }
      asked.mockRestore();
      dispose();
      trained.push(weights(student));
    }
    trained[0].flat().forEach((weight, i) => expect(trained[1].flat()[i]).toBeCloseTo(weight, 5));
  });

  it.each([false, true])('leaves no tensors, cached: %s', async (cache) => {
    const data = samples();
    const [teacher, student] = [classifier(1), classifier(2)];
    student.compile({optimizer: 'sgd', loss: 'categoricalCrossentropy'});
    const before = tf.memory().numTensors;
    const {loss, metrics, targets, dataset, dispose} = distill({teacher, cache});
    student.compile({optimizer: 'sgd', loss, metrics});
    const y = await targets(data.x, data.y);
    await student.fit(data.x, y, {epochs: 1, verbose: 0});
    tf.dispose(y);
    await student.fitDataset(dataset(batches(data)), {epochs: 2, verbose: 0});
    const stop = new (class extends tfl.Callback {
      override async onBatchEnd() {
        this.model.stopTraining = true;
      }
    })();
    await student.fitDataset(dataset(batches(data)), {epochs: 2, verbose: 0, callbacks: [stop]});
    dispose();
    // Each compile makes an optimizer, of one tensor.
    expect(tf.memory().numTensors - before).toBe(1);
  });

  it('takes numbers of classes, and sequences', async () => {
    const layer = tfl.layers.dense({units: CLASSES, activation: 'softmax', inputShape: [5, 2]});
    const teacher = tfl.sequential({layers: [layer]});
    const {targets} = distill({teacher});
    const x = tf.ones([2, 5, 2]);
    const numbers = tf.tensor2d([
      [0, 1, 2, 0, 1],
      [2, 2, 2, 2, 2],
    ]);
    const oneHot = tf.oneHot(tf.cast(numbers, 'int32'), CLASSES);
    const [a, b] = [await targets(x, numbers), await targets(x, oneHot)] as tf.Tensor[];
    expect(a.shape).toEqual([2, 5, CLASSES]);
    expect(values(a)).toEqual(values(b));
  });
});

describe('distill: hints', () => {
  it('draws a layer to the teacher’s, whatever its width', async () => {
    const [teacher, data] = [classifier(1, 8), samples()];
    for (const units of [8, 5]) {
      const student = classifier(2, units);
      const before = tf.memory().numTensors;
      const given = distill({
        teacher,
        student,
        hints: {hidden: 'hidden'},
        alpha: 0,
        hintWeight: 50,
      });
      const {model, loss, metrics, targets, dispose} = given;
      model!.compile({optimizer: tf.train.adam(0.04), loss, metrics});
      const y = (await targets(data.x, data.y)) as tf.Tensor[];
      expect(y.map(({shape}) => shape)).toEqual([
        [12, CLASSES],
        [12, 8],
      ]);
      const pruner = new PolynomialDecay({
        initialSparsity: 0,
        finalSparsity: 0.1,
        beginStep: 0,
        endStep: 5,
      });
      const {history} = await model!.fit(data.x, y, {epochs: 30, verbose: 0, callbacks: [pruner]});
      expect(history.loss[29] as number).toBeLessThan(0.3 * (history.loss[0] as number));
      expect(Object.keys(history).filter((name) => name.endsWith('acc'))).toHaveLength(1);
      stripPruning(student);
      expect(zeros(weights(student)[0])).toBe(Math.round(0.1 * 4 * units));
      dispose();
      tf.dispose(y);
      model!.optimizer.dispose();
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  it('fits a dataset too', async () => {
    const [teacher, student, data] = [classifier(1), classifier(2), samples()];
    const args = {teacher, student, hints: {hidden: 'hidden'}, cache: true};
    const {model, loss, metrics, dataset, dispose} = distill(args);
    model!.compile({optimizer: 'sgd', loss, metrics});
    const {history} = await model!.fitDataset(dataset(batches(data)), {epochs: 2, verbose: 0});
    expect(history.loss).toHaveLength(2);
    dispose();
  });
});

describe('distill: refusals', () => {
  const teacher = () => classifier(1);
  it.each<[string, (args: DistillArgs) => object, string]>([
    ['no teacher', () => ({teacher: undefined}), 'teacher: expected a tf.LayersModel'],
    ['temperature 0', () => ({temperature: 0}), 'temperature: expected a number above 0'],
    ['temperature NaN', () => ({temperature: NaN}), 'temperature: expected'],
    ['alpha −0.1', () => ({alpha: -0.1}), 'alpha: expected a number in [0, 1]'],
    ['alpha 1.1', () => ({alpha: 1.1}), 'alpha: expected a number in [0, 1], but got 1.1'],
    ['hint weight 0', () => ({hintWeight: 0}), 'hintWeight: expected'],
    ['cache 1', () => ({cache: 1}), 'cache: expected true or false'],
    ['metric', () => ({metrics: ['precision']}), "metrics: expected a list of 'accuracy'"],
    ['hints alone', () => ({hints: {hidden: 'hidden'}}), 'student: expected the model that learns'],
    [
      'hints of no layer',
      () => ({student: classifier(2), hints: {hidden: 'none'}}),
      'hints: expected layers of the teacher, each used once: hidden, classes',
    ],
    ['other output', () => ({student: identity('softmax').layers && wide()}), 'teacher: expected'],
    ['unknown option', () => ({temprature: 4}), 'distill: expected options among'],
  ])('refuses %s', (_, make, message) => {
    const base = {teacher: teacher()};
    const given = {...base, ...make(base)} as DistillArgs;
    expect(() => distill(given)).toThrow(PruningError);
    expect(() => distill(given)).toThrow(message);
  });

  it('refuses labels and inputs of other shapes, and labels that are not one-hot', async () => {
    const {targets} = distill({teacher: teacher()});
    const [x, wrong] = [tf.ones([2, 4]), tf.ones([2, 7])];
    const y = tf.tensor2d([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const refused: Array<[Promise<unknown>, string]> = [
      [targets(x, tf.zeros([2, 5])), "teacher: expected a model with outputs of the labels' shape"],
      [targets(wrong, y), 'teacher: expected a model for the inputs [2,7]'],
      [targets(x, tf.zeros([3, 3])), 'y: expected 2 labels'],
      [targets(x, tf.fill([2, 3], 0.5)), 'y: expected labels that are one-hot'],
      [targets(x, tf.tensor1d([0, 3])), 'y: expected labels that are one-hot'],
      [targets(tf.zeros([0, 4]), tf.zeros([0, 3])), 'x: expected at least one sample'],
    ];
    for (const [promise, message] of refused) {
      await expect(promise).rejects.toThrow(message);
    }
    const tensors = tf.memory().numTensors;
    await expect(targets(x, wrong)).rejects.toBeInstanceOf(PruningError);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('refuses datasets that are empty, without labels, or of ever other samples when cached', async () => {
    const data = samples();
    const {dataset} = distill({teacher: teacher(), cache: true});
    const of = (...list: object[]) => ({size: list.length, iterator: async () => list.values()});
    type Given = Parameters<typeof dataset>[0];
    await expect(drain(dataset(of() as unknown as Given))).rejects.toThrow(
      'dataset: expected at least one batch',
    );
    await expect(drain(dataset(of({xs: data.x}) as unknown as Given))).rejects.toThrow(
      'dataset: expected batches {xs, ys}',
    );
    expect(() => dataset({} as Given)).toThrow('dataset: expected a tf.data.Dataset');
    await expect(drain(dataset(batches(data)), 3)).resolves.toBeUndefined();
    await expect(drain(dataset(batches(data, true)), 2)).resolves.toBeUndefined();
    let epoch = 0;
    const changing = {
      size: 1,
      iterator: async () =>
        [{xs: tf.add(tf.slice(data.x, 0, 4), ++epoch), ys: tf.slice(data.y, 0, 4)}].values(),
    };
    const given = dataset(changing as unknown as Given);
    await expect(drain(given, 2)).rejects.toThrow(
      "cache: expected a dataset of the same samples each time, such as one without random changes, but got '4 new ones of 4'",
    );
  });
});

/** Goes through all batches of a dataset, so often. */
async function drain(
  given: ReturnType<ReturnType<typeof distill>['dataset']>,
  epochs = 1,
): Promise<void> {
  for (let epoch = 0; epoch < epochs; ++epoch) {
    const iterator = await given.iterator();
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      tf.dispose(next.value as tf.TensorContainer);
    }
  }
}

function wide() {
  return tfl.sequential({
    layers: [tfl.layers.dense({units: 7, activation: 'softmax', inputShape: [4]})],
  });
}

function correct(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
  return tf.sum(tf.mul(yTrue, tf.cast(tf.equal(yPred, tf.max(yPred, -1, true)), 'float32')), -1);
}

import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  loadLayersModel,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {shrink, type ShrinkReport} from '../../lib/index';
import {weightsOf} from '../../lib/model/layer_tree';
import {saved} from '../setup/models';
import {largestError, predict} from './fuzz_once';
import {randomInputs, randomizeWeights} from './random_model';
import {setWeights} from './shrunk';

type T = SymbolicTensor;

const identity = (name: string, more = {}) =>
  layers.activation({activation: 'linear', name, ...more});
const dense = (name: string, more = {}) => layers.dense({units: 4, name, ...more});
const add = (name: string, ...all: T[]) => layers.add({name}).apply(all) as T;

/** Layers of the shrunk model, which is compared with the model and with what is loaded of it. */
async function left(model: LayersModel, zero: string[] = []): Promise<string[]> {
  randomizeWeights(model, 2);
  for (const name of zero) {
    const layer = find(model, name)!;
    layer.weights.forEach((variable) => void variable.write(tf.zeros(variable.shape as number[])));
  }
  const tensors = tf.memory().numTensors;
  let report: ShrinkReport | undefined;
  const smaller = await shrink(model, {onReport: (made) => (report = made)});
  expect(tf.memory().numTensors).toBe(tensors + new Set(weightsOf(smaller)).size);
  const loaded = await loadLayersModel(tf.io.fromMemory(await saved(smaller)));
  const inputs = randomInputs(model, 3);
  const [expected, actual, same] = [model, smaller, loaded].map((each) => predict(each, inputs));
  expect(await largestError(expected, actual)).toBeLessThan(1e-5);
  expect(await largestError(actual, same)).toBe(0);
  expect(smaller.outputNames).toEqual(model.outputNames);
  expect(smaller.inputNames).toEqual(model.inputNames);
  const names = smaller.layers.map(({name}) => name);
  const gone = model.layers.map(({name}) => name).filter((name) => !names.includes(name));
  expect(report!.layers).toEqual(expect.arrayContaining(gone));
  return names;
}

function find(model: LayersModel, name: string): LayersModel['layers'][number] | undefined {
  return (
    model.layers.find((layer) => layer.name === name) ??
    model.layers.flatMap((layer) =>
      layer.getClassName() === 'Model' ||
      layer.getClassName() === 'Functional' ||
      layer.getClassName() === 'Sequential'
        ? (find(layer as LayersModel, name) ?? [])
        : [],
    )[0]
  );
}

const from = (build: (x: T) => T | T[], shape = [4]) => {
  const x = input({shape, name: 'x'});
  return makeModel({inputs: x, outputs: build(x)});
};

it('leaves out linear activations, but not one that is an output', async () => {
  const model = from((x) => {
    const y = identity('i2').apply(dense('a').apply(identity('i1').apply(x))) as T;
    return [identity('i3').apply(y) as T, dense('b').apply(y) as T, y];
  });
  expect(await left(model)).toEqual(['x', 'a', 'i2', 'i3', 'b']);
});

it('leaves out branches of zeros, with all that leads to them alone', async () => {
  const model = from((x) => {
    const a = dense('a').apply(x) as T;
    const inner = add('inner', a, dense('b').apply(a) as T);
    const sum = add('sum', x, dense('zero').apply(inner) as T, dense('c').apply(x) as T);
    return dense('out').apply(sum) as T;
  });
  expect(await left(model, ['zero'])).toEqual(['x', 'c', 'sum', 'out']);
});

it('makes an addition that is an output an identity', async () => {
  const model = from((x) => add('sum', dense('a').apply(x) as T, dense('zero').apply(x) as T));
  expect(await left(model, ['zero'])).toEqual(['x', 'a', 'sum']);
});

it('keeps one branch where all are zero', async () => {
  const model = from(
    (x) =>
      dense('out').apply(add('sum', dense('z1').apply(x) as T, dense('z2').apply(x) as T)) as T,
  );
  expect(await left(model, ['z1', 'z2'])).toEqual(['x', 'z1', 'z2', 'sum', 'out']);
});

it('keeps a branch that others are broadcast to, or that alone reads an input', async () => {
  const other = input({shape: [4], name: 'y'});
  const x = input({shape: [4], name: 'x'});
  const narrow = dense('narrow', {units: 1}).apply(x) as T;
  const sum = add('sum', narrow, dense('z1').apply(x) as T);
  const last = add('last', sum, dense('z2').apply(other) as T);
  const outputs = dense('out').apply(last) as T;
  const names = await left(makeModel({inputs: [x, other], outputs}), ['z1', 'z2']);
  expect(names).toEqual(expect.arrayContaining(['z1', 'z2', 'sum', 'last']));
});

it('keeps a branch where zeros do not stay zeros', async () => {
  const ends = [
    layers.softmax(),
    layers.layerNormalization(),
    layers.activation({activation: 'softmax'}),
  ];
  for (const end of ends) {
    const model = from((x) => {
      const zero = end.apply(dense('zero').apply(x)) as T;
      return dense('out').apply(add('sum', x, zero)) as T;
    });
    expect(await left(model, ['zero'])).toContain('sum');
  }
});

it('keeps a branch where steps are masked', async () => {
  const model = from(
    (x) => {
      const y = layers.masking().apply(x) as T;
      const sum = add(
        'sum',
        y,
        layers.timeDistributed({layer: dense('d'), name: 'zero'}).apply(x) as T,
      );
      return layers.flatten({name: 'out'}).apply(sum) as T;
    },
    [3, 4],
  );
  expect(await left(model, ['zero'])).toContain('sum');
});

it('does not make a layer read one tensor twice', async () => {
  const model = from((x) => {
    const a = dense('a').apply(x) as T;
    const twice = layers.multiply({name: 'm'}).apply([a, identity('i').apply(a) as T]) as T;
    return layers.concatenate({name: 'out'}).apply([twice, dense('b').apply(a) as T]) as T;
  });
  expect(await left(model)).toEqual(['x', 'a', 'i', 'm', 'b', 'out']);
});

it('numbers the uses of a shared layer anew', async () => {
  const shared = dense('shared');
  const model = from((x) => {
    const first = dense('zero').apply(shared.apply(x)) as T;
    const second = shared.apply(dense('a').apply(x)) as T;
    const third = shared.apply(identity('i').apply(second)) as T;
    return dense('out').apply(add('sum', second, first, third)) as T;
  });
  expect(await left(model, ['zero'])).toEqual(['x', 'a', 'shared', 'sum', 'out']);
});

describe('in nested models', () => {
  const block = (name: string, build: (x: T) => T | T[]) => {
    const x = input({shape: [4], name: `${name}_x`});
    return makeModel({name, inputs: x, outputs: build(x)});
  };

  it('leaves out what does nothing, used once or twice', async () => {
    const inner = block('block', (x) => {
      const y = dense('a').apply(identity('i').apply(x)) as T;
      return identity('end').apply(
        add('sum', y, dense('zero').apply(dense('b').apply(x)) as T),
      ) as T;
    });
    const model = from((x) => dense('out').apply(inner.apply(inner.apply(x))) as T);
    expect(await left(model, ['zero'])).toEqual(['x', 'block', 'out']);
    const smaller = (await shrink(model)).getLayer('block') as LayersModel;
    expect(smaller.layers.map(({name}) => name)).toEqual(['block_x', 'a']);
  });

  it('leaves out one that does nothing, but not as an output', async () => {
    const idle = (name: string) =>
      block(name, (x) => add(`${name}_sum`, x, dense(`${name}_zero`).apply(x) as T));
    const model = from((x) => [idle('p').apply(dense('a').apply(idle('o').apply(x))) as T]);
    expect(await left(model, ['o_zero', 'p_zero'])).toEqual(['x', 'a', 'p']);
  });

  it('keeps the outputs of one apart', async () => {
    const inner = block('block', (x) => {
      const y = dense('a').apply(x) as T;
      return [
        y,
        identity('i1').apply(y) as T,
        identity('i2').apply(y) as T,
        identity('i3').apply(x) as T,
      ];
    });
    const model = from((x) => {
      const [p, q, r, s] = inner.apply(x) as T[];
      return layers.concatenate({name: 'out'}).apply([p, dense('b').apply(q) as T, r, s]) as T;
    });
    expect(await left(model)).toEqual(['x', 'block', 'b', 'out']);
  });

  it('reaches stacks, and models in wrappers', async () => {
    const stack = sequential({
      name: 'stack',
      layers: [identity('i1', {inputShape: [4]}), dense('a'), identity('i2')],
    });
    const empty = sequential({name: 'empty', layers: [identity('i3', {inputShape: [4]})]});
    const wrapped = sequential({
      name: 'wrapped',
      layers: [identity('i4', {inputShape: [4]}), dense('b')],
    });
    const model = from((x) => {
      const y = empty.apply(stack.apply(x)) as T;
      const steps = layers.reshape({targetShape: [2, 4], name: 'steps'});
      const each = layers.timeDistributed({layer: wrapped, name: 'each'});
      return each.apply(steps.apply(dense('c', {units: 8}).apply(y))) as T;
    });
    expect(await left(model)).toEqual(['x', 'stack', 'c', 'steps', 'each']);
    const smaller = await shrink(model);
    const names = (layer: unknown) => (layer as LayersModel).layers.map(({name}) => name);
    expect(names(smaller.getLayer('stack'))).toContain('a');
    expect(names(smaller.getLayer('stack'))).not.toContain('i2');
    expect(names(Reflect.get(smaller.getLayer('each'), 'layer'))).not.toContain('i4');
  });
});

describe('a stack', () => {
  it.each([
    [
      ['i', 'i', 'a', 'i', 'b', 'i'],
      ['x', '2', '4', '5'],
    ],
    [
      ['a', 'i'],
      ['0', '1'],
    ],
    [
      ['i', 'i'],
      ['x', '1'],
    ],
  ])('of %j', async (kinds, expected) => {
    const model = sequential({
      layers: kinds.map((kind, i) =>
        (kind === 'i' ? identity : dense)(String(i), i === 0 ? {inputShape: [4]} : {}),
      ),
    });
    const names = await left(model);
    expect(names.map((name) => name.replace('0_input', 'x'))).toEqual(expected);
  });

  it('keeps the type of its input', async () => {
    const first = identity('i', {inputShape: [3], dtype: 'int32'});
    const embedding = layers.embedding({inputDim: 6, outputDim: 2, name: 'rows'});
    const model = sequential({layers: [first, embedding]});
    expect(await left(model)).toEqual(['i_input', 'rows']);
    expect((await shrink(model)).inputs[0].dtype).toBe('int32');
  });
});

it('leaves out zero branches and channels together', async () => {
  const model = from((x) => {
    const a = dense('a', {units: 6, activation: 'relu'}).apply(x) as T;
    const b = dense('b', {activation: 'relu'}).apply(a) as T;
    return dense('out').apply(add('sum', b, dense('zero').apply(x) as T)) as T;
  });
  await left(model, ['zero']);
  setWeights(model, 'a/kernel', 0);
  const smaller = await shrink(model);
  expect(smaller.getLayer('a').weights[0].shape).toEqual([4, 1]);
});

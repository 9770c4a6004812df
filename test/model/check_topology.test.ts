import {input, layers, model as makeModel, sequential} from '@tensorflow/tfjs-layers';

import {checkTopology} from '../../lib/model/check_topology';

const layer = (name: string, ...calls: unknown[]) => ({
  name,
  class_name: 'Dense',
  config: {name, units: 1},
  inbound_nodes: calls,
});
const start = {name: 'in', class_name: 'InputLayer', config: {name: 'in'}, inbound_nodes: []};
const of = (...all: unknown[]) => ({class_name: 'Model', config: {name: 'm', layers: all}});
const message = (topology: unknown) => () => checkTopology('m.json', topology);

test('takes what can be built, in whatever order it is listed', () => {
  const chain = [layer('b', [['a', 0, 0, {}]]), layer('a', [['in', 0, 0, {}]]), start];
  expect(message(of(...chain))).not.toThrow();
  expect(message({model_config: of(...chain)})).not.toThrow();
});

test('takes models that tfjs writes: shared layers, nested and sequential models', () => {
  const inner = sequential({name: 'seq', layers: [layers.dense({units: 3, inputShape: [3]})]});
  const x = input({shape: [3], name: 'x'});
  const functional = makeModel({inputs: x, outputs: inner.apply(x) as typeof x, name: 'fun'});
  const shared = layers.dense({units: 3, name: 'shared'});
  const y = input({shape: [3], name: 'y'});
  const once = shared.apply(functional.apply(y)) as typeof x;
  const twice = shared.apply(inner.apply(once)) as typeof x;
  const whole = makeModel({inputs: y, outputs: layers.add().apply([once, twice]) as typeof x});
  expect(message(JSON.parse(whole.toJSON() as string))).not.toThrow();
});

test('names a layer whose input is missing', () => {
  const topology = of(start, layer('a', [['out', 0, 0, {}]]));
  expect(message(topology)).toThrow(
    "m.json: expected inputs of 'a' that layers before it give, but got 'out', no layer of the model.",
  );
});

test.each([[{name: 'in'}], ['in'], [1], [[]], [[null, 0]]])('refuses %j as an input', (input) => {
  expect(message(of(start, layer('a', [input])))).toThrow(/inputs of 'a' that layers before it/);
});

test('names a layer of a circle, also in a nested model', () => {
  const circle = [start, layer('a', [['b', 0, 0]]), layer('b', [['a', 0, 0]])];
  const nested = {...of(...circle), name: 'inner', inbound_nodes: [[['in', 0, 0]]]};
  expect(message(of(start, nested))).toThrow(
    /inputs of 'a'.*got 'b', one that waits for it in turn\./,
  );
});

test('refuses a call that is never made, and two layers of one name', () => {
  expect(message(of(start, layer('a', [['in', 1, 0]])))).toThrow(/inputs of 'a'/);
  expect(message(of(start, layer('a'), layer('a')))).toThrow(
    "layers of different names, but got 'a'",
  );
});

test('refuses configurations of one name, for which tfjs takes one layer for the other', () => {
  const named = (name: string, own: string | undefined, ...calls: unknown[]) => ({
    ...layer(name, ...calls),
    config: {name: own},
  });
  const [a, b] = [[[['in', 0, 0]]], [[['a', 0, 0]]]];
  expect(message(of(start, named('a', 'x', ...a), named('b', 'y', ...b)))).not.toThrow();
  expect(message(of(start, named('a', undefined, ...a), named('b', 'y', ...b)))).not.toThrow();
  expect(message(of(start, named('a', 'x', ...a), named('b', 'x', ...b)))).toThrow(
    "m.json: expected layers of different names, but got 'x'.",
  );
  const clash = of(start, named('a', undefined, ...a), named('b', 'dense_Dense1', ...b));
  expect(message(clash)).toThrow("a name for each layer, since one is 'dense_Dense1'");
});

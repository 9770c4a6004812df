import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';

import {tensor, type io} from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  sequential,
} from '@tensorflow/tfjs-layers';
import {dump} from 'npyjs';

import {fileSystem} from '../../lib/files/node/index';
import {runHere} from './run_here';

const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
afterAll(() => rmSync(folder, {recursive: true}));
const at = (name: string) => join(folder, name);

async function save(name: string, model: LayersModel): Promise<void> {
  await model.save(fileSystem(at(name)));
  model.dispose();
}

async function compare(a: string, b: string, ...more: string[]) {
  const {status, stdout, errors} = await runHere(
    ...['compare', at(a), at(b), '--rounds', '1', '--examples', '8', '--json', ...more],
  );
  expect(errors).toEqual([]);
  expect(status).toBe(0);
  return JSON.parse(stdout) as {examples: number; difference: {largest: number}};
}

const type = (name: string) => ({type: `DT_${name}`});
const shape = (...sizes: number[]) => ({dim: sizes.map((size) => ({size: `${size}`}))});

/** A graph of these nodes, which takes `x` and gives `y`. */
function graph(
  dtype: string,
  sizes: number[],
  node: object[],
  weights: ReadonlyArray<
    readonly [name: string, shape: number[], values: Float32Array | Int32Array]
  >,
): io.ModelArtifacts {
  const constants = weights.map(([name, sizesOf, values]) => ({
    name,
    op: 'Const',
    attr: {
      dtype: type(values instanceof Int32Array ? 'INT32' : 'FLOAT'),
      value: {tensor: {dtype: 'DT_FLOAT', tensorShape: shape(...sizesOf)}},
    },
  }));
  const placeholder = {
    name: 'x',
    op: 'Placeholder',
    attr: {dtype: type(dtype), shape: {shape: shape(...sizes)}},
  };
  return {
    format: 'graph-model',
    generatedBy: 'test',
    convertedBy: null,
    modelTopology: {node: [placeholder, ...constants, ...node], versions: {producer: 1}},
    signature: {
      inputs: {x: {name: 'x:0', dtype: `DT_${dtype}`, tensorShape: shape(...sizes)}},
      outputs: {y: {name: 'y:0', dtype: 'DT_FLOAT', tensorShape: {}}},
    } as object,
    weightSpecs: weights.map(([name, sizesOf, values]) => ({
      name,
      shape: sizesOf,
      dtype: values instanceof Int32Array ? 'int32' : 'float32',
    })),
    weightData: Uint8Array.from(
      Buffer.concat(weights.map(([, , values]) => new Uint8Array(values.buffer))),
    ).buffer,
  };
}

describe('compare', () => {
  it('predicts one by one where a model has a batch of 1', async () => {
    await save('one', sequential({layers: [layers.dense({units: 2, batchInputShape: [1, 3]})]}));
    await save('any', sequential({layers: [layers.dense({units: 2, inputShape: [3]})]}));
    expect((await compare('one', 'any')).examples).toBe(8);
    expect((await compare('any', 'one')).difference.largest).toBeGreaterThan(0);
    expect((await compare('one', 'one')).difference.largest).toBe(0);
  });

  it('draws whole numbers in the range of an embedding, also in a nested model', async () => {
    const inner = sequential({
      layers: [layers.embedding({inputDim: 3, outputDim: 2, inputLength: 4}), layers.flatten()],
    });
    const x = input({shape: [2, 2], name: 'x'});
    const flat = layers.reshape({targetShape: [4]}).apply(x);
    await save('lookup', makeModel({inputs: x, outputs: inner.apply(flat) as typeof x}));
    expect((await compare('lookup', 'lookup')).difference.largest).toBe(0);

    const numbers = at('numbers.npy');
    writeFileSync(numbers, new Uint8Array(dump(Int32Array.of(0, 1, 2, 2), [1, 2, 2])));
    expect((await compare('lookup', 'lookup', '--data', numbers)).examples).toBe(1);
    writeFileSync(numbers, new Uint8Array(dump(Int32Array.of(0, 1, 2, 3), [1, 2, 2])));
    const {status, errors} = await runHere(
      'compare',
      at('lookup'),
      at('lookup'),
      '--data',
      numbers,
    );
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
      /numbers.npy: expected whole numbers from 0 to 2 for 'x.*', but got 3/,
    );
    expect(status).toBe(2);
  });

  it('draws rows of a table that a graph looks up', async () => {
    const nodes = [
      {name: 'rows', op: 'Reshape', input: ['x', 'flat'], attr: {T: type('INT32')}},
      {
        name: 'y',
        op: 'GatherV2',
        input: ['table', 'rows', 'axis'],
        attr: {batch_dims: {i: '0'}, Tparams: type('FLOAT'), Tindices: type('INT32')},
      },
    ];
    const weights = [
      ['table', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)],
      ['axis', [], Int32Array.of(0)],
      ['flat', [1], Int32Array.of(-1)],
    ] as const;
    await fileSystem(at('gather')).save!(
      graph(
        'INT32',
        [-1, 2],
        nodes,
        weights.map(([name, sizes, values]) => [name, [...sizes], values]),
      ),
    );
    expect((await compare('gather', 'gather')).difference.largest).toBe(0);
  });

  it('times predictions that skip zeros', async () => {
    const sparse = sequential({layers: [layers.dense({units: 64, inputShape: [96]})]});
    const [kernel, bias] = sparse.getWeights();
    const values = (await kernel.data()).map((value, i) => (i % 10 === 0 ? value : 0));
    const zeroed = tensor(values, kernel.shape);
    await save('dense', sequential({layers: [layers.dense({units: 64, inputShape: [96]})]}));
    sparse.setWeights([zeroed, bias]);
    zeroed.dispose();
    await save('sparse', sparse);
    const {a, b} = (await compare('dense', 'sparse', '--sparse')) as unknown as Record<
      'a' | 'b',
      {sparse: {ms: number; weights: number}}
    >;
    expect([a.sparse.weights, b.sparse.weights]).toEqual([0, 1]);
    expect(a.sparse.ms).toBeGreaterThan(0);
    expect(b.sparse.ms).toBeGreaterThan(0);
    const {stdout} = await runHere('compare', at('dense'), at('sparse'), '--sparse');
    expect(stdout).toMatch(/Zeros skipped +│ \S+ ms +│ \S+ ms/);
  });

  it('runs graphs with control flow', async () => {
    const T = type('FLOAT');
    const nodes = [
      {name: 'switch', op: 'Switch', input: ['x', 'condition'], attr: {T}},
      {name: 'negated', op: 'Neg', input: ['switch:0'], attr: {T}},
      {name: 'same', op: 'Identity', input: ['switch:1'], attr: {T}},
      {name: 'y', op: 'Merge', input: ['negated', 'same'], attr: {T, N: {i: '2'}}},
    ];
    const artifacts = graph('FLOAT', [-1, 2], nodes, [['condition', [], Int32Array.of(1)]]);
    artifacts.weightSpecs![0].dtype = 'bool';
    artifacts.weightData = new Uint8Array([1]).buffer;
    await fileSystem(at('switch')).save!(artifacts);
    expect((await compare('switch', 'switch')).difference.largest).toBe(0);
  });

  it('takes bytes as they are where a graph has inputs of uint8', async () => {
    const nodes = [
      {name: 'floats', op: 'Cast', input: ['x'], attr: {SrcT: type('UINT8'), DstT: type('FLOAT')}},
      {name: 'y', op: 'Neg', input: ['floats'], attr: {T: type('FLOAT')}},
    ];
    await fileSystem(at('bytes')).save!(graph('UINT8', [1, 2], nodes, []));
    expect((await compare('bytes', 'bytes')).difference.largest).toBe(0);
  });

  it('loads recurrent layers inside nested models', async () => {
    const inner = sequential({
      layers: [
        layers.lstm({units: 3, inputShape: [4, 2], recurrentInitializer: 'glorotNormal'}),
        layers.dense({units: 2}),
      ],
    });
    await save('nested', sequential({layers: [inner, layers.dense({units: 2})]}));
    // The default, which needs more of tfjs than this library does.
    const text = readFileSync(at('nested/model.json'), 'utf8').replace(
      /"recurrent_initializer":\{.*?\}\}/,
      '"recurrent_initializer":{"class_name":"Orthogonal","config":{"gain":1,"seed":null}}',
    );
    expect(text).toContain('Orthogonal');
    writeFileSync(at('nested/model.json'), text);
    expect((await compare('nested', 'nested')).difference.largest).toBe(0);
  });

  it.each([
    [
      'other shapes',
      'any',
      'wide',
      /wide: expected the inputs of .*any, .*\[,3\], but got '.*\[,5\]'/,
    ],
    ['more inputs', 'any', 'two', /two: expected the inputs of/],
    [
      'other outputs',
      'any',
      'three',
      /three: expected outputs of shape \[\[8,2\]\], as .*any, but got '\[\[8,3\]\]'/,
    ],
  ])('refuses two models with %s in one line', async (_, a, b, message) => {
    const dense = (units: number, size: number) =>
      sequential({layers: [layers.dense({units, inputShape: [size]})]});
    await save('any', dense(2, 3));
    await save('wide', dense(2, 5));
    await save('three', dense(3, 3));
    const inputs = [input({shape: [3]}), input({shape: [3]})];
    await save(
      'two',
      makeModel({inputs, outputs: layers.add().apply(inputs) as (typeof inputs)[0]}),
    );
    const {status, errors} = await runHere('compare', at(a), at(b), '--examples', '8');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(message);
    expect(status).toBe(2);
  });

  const npy = (values: Float32Array | Uint8Array, sizes: number[]) =>
    Buffer.from(dump(values, sizes));
  const floats = npy(Float32Array.of(1, 2, 3), [1, 3]);
  const bigEndian = Buffer.from(floats.toString('latin1').replace('<f4', '>f4'), 'latin1');
  const fortran = Buffer.from(
    floats.toString('latin1').replace(/('fortran_order': ?)False/, '$1True '),
    'latin1',
  );

  it.each<[string, Buffer, RegExp]>([
    ['empty', Buffer.alloc(0), /a \.npy or an IDX file/],
    ['a byte', Buffer.of(0), /a \.npy or an IDX file/],
    ['a short header', Buffer.from('\x93NUMPY\x01', 'latin1'), /expected a \.npy file of numbers/],
    [
      'a gzip cut short',
      gzipSync(floats).subarray(0, 60),
      /a whole gzip file, but got 'unexpected end/,
    ],
    [
      'a broken gzip',
      Buffer.concat([gzipSync(floats).subarray(0, 20), floats]),
      /a whole gzip file/,
    ],
    ['big-endian', bigEndian, /little-endian, but got 'Unsupported dtype: >f4'/],
    ['in Fortran order', fortran, /in C order/],
    ['without examples', npy(new Float32Array(0), [0, 3]), /at least one example, but got 0/],
    ['without axes', npy(Float32Array.of(1), []), /an array of examples/],
    ['of another shape', npy(new Float32Array(4), [1, 4]), /examples of shape \[3\]/],
    [
      'short of values',
      floats.subarray(0, floats.length - 4),
      /expected 12 bytes of values, but got 8/,
    ],
    ['too long', Buffer.concat([floats, floats]), /expected 12 bytes of values/],
    [
      'an IDX file that is short',
      Buffer.of(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1),
      /3 bytes of values/,
    ],
    ['an IDX file of floats', Buffer.of(0, 0, 13, 1, 0, 0, 0, 1), /an IDX file of bytes/],
    ['an IDX file without axes', Buffer.of(0, 0, 8, 0, 1), /an IDX file of bytes/],
  ])('refuses data that are %s in one line', async (_, content, message) => {
    await save('any', sequential({layers: [layers.dense({units: 2, inputShape: [3]})]}));
    writeFileSync(at('data'), content);
    const {status, errors} = await runHere('compare', at('any'), at('any'), '--data', at('data'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(message);
    expect(status).toBe(2);
  });

  it('refuses data that inflate without end, and a folder where none has images', async () => {
    await save('any', sequential({layers: [layers.dense({units: 2, inputShape: [3]})]}));
    const bomb = Buffer.alloc(2 ** 28);
    npy(new Float32Array(3), [1, 3]).copy(bomb);
    writeFileSync(at('bomb'), gzipSync(bomb));
    const before = process.memoryUsage().arrayBuffers;
    const {errors} = await runHere('compare', at('any'), at('any'), '--data', at('bomb'));
    expect(errors[0]).toMatch(/expected 12 bytes of values/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27);
    expect((await runHere('compare', at('any'), at('any'), '--data', folder)).errors[0]).toMatch(
      /expected an input of images, \[height, width, 1 or 3\]/,
    );
  });
});

import {Journal} from '../../lib/auto/journal';
import {PruningError} from '../../lib/base/errors';

const SETTINGS = {layers: ['a', 'b']};
const layer = (name: string) => ({name, size: 10, points: [{sparsity: 0.5, metric: 0.9}]});
const PAGES = {
  version: 3,
  model: 'm',
  settings: SETTINGS,
  start: {
    baseline: 0.9,
    samples: 10,
    seconds: 1.5,
    cost: {parameters: 20, macs: 20},
    sparsities: {uniform: 0.5},
    sensitivity: {
      granularity: 'weight',
      metric: 'accuracy',
      baseline: 0.9,
      layers: [layer('a'), layer('b')],
    },
  },
  entries: [
    {
      candidate: {allocation: 'global', scoring: 'magnitude', rise: 0.6, sparsity: 0.5, epochs: 2},
      outcome: {metric: null, drop: 0.1, sparsity: 0.5, parameters: 10},
      seconds: 2,
    },
  ],
};
const open = (text: string) =>
  Journal.open({read: () => text, write: () => {}}, async () => ({model: 'm', settings: SETTINGS}));

/** Each place in a tree of JSON, as its keys. */
function places(value: unknown, path: string[] = []): string[][] {
  const inner = Object.entries(value ?? {}).filter(() => typeof value === 'object');
  return [path, ...inner.flatMap(([key, each]) => places(each, [...path, key]))];
}

/** A copy of `value` with another one at `path`, or without. */
function changed(value: unknown, [key, ...rest]: string[], to: unknown): unknown {
  if (key === undefined) {
    return to;
  }
  const copy = Array.isArray(value) ? [...value] : {...(value as object)};
  Reflect.set(copy, key, changed(Reflect.get(copy, key), rest, to));
  return copy;
}

test('a journal as autoPrune writes it is taken', async () => {
  const journal = await open(JSON.stringify(PAGES));
  expect(journal.start).toEqual(PAGES.start);
});

test('whatever is changed in a journal, it is taken or refused in words', async () => {
  const values = [undefined, null, true, -1, 0.5, 2, 1e300, 'x', [], [null], {}, {a: 1}];
  let refused = 0;
  for (const path of places(PAGES)) {
    for (const value of values) {
      try {
        await open(JSON.stringify(changed(PAGES, path, value)) ?? '');
      } catch (error) {
        expect(error).toBeInstanceOf(PruningError);
        ++refused;
      }
    }
  }
  expect(refused).toBeGreaterThan(200);
});

test.each([
  [['start', 'baseline'], 'x', "journal: start.baseline: expected a number, but got 'x'."],
  [['start', 'sensitivity', 'layers', '1', 'name'], 'c', 'layers: expected the layers a, b, but'],
  [
    ['entries', '0', 'outcome'],
    null,
    'journal: entries[0].outcome: expected an object, but got null',
  ],
])('%j is named', async (path, value, message) => {
  await expect(open(JSON.stringify(changed(PAGES, path, value)))).rejects.toThrow(message);
});

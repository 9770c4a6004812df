import {check} from '../base/check';
import {listed} from '../base/listed';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Throws where what a journal holds is not what `autoPrune` notes: it may have been damaged,
 * or written by hand.
 *
 * @param pages The start and the entries of a journal.
 * @param layers The names of the layers that are pruned.
 * @throws PruningError that says where.
 */
export function checkJournal(
  {start, entries, ahead = []}: {start?: unknown; entries: readonly unknown[]; ahead?: unknown},
  layers: readonly string[],
): void {
  if (start !== undefined) {
    checkStart('start', start, layers);
  }
  checkList('ahead', ahead);
  entries.forEach((entry, i) => checkEntry(`entries[${i}]`, entry));
  ahead.forEach((entry, i) => checkEntry(`ahead[${i}]`, entry));
}

function checkStart(at: string, start: unknown, layers: readonly string[]): void {
  const {baseline, sensitivity, samples, seconds, cost, sparsities} = fieldsOf(at, start);
  checkMetric(`${at}.baseline`, baseline);
  checkNumber(`${at}.samples`, samples, 1);
  checkNumber(`${at}.seconds`, seconds, 0);
  const {parameters, macs, millis = 0} = fieldsOf(`${at}.cost`, cost);
  Object.entries({parameters, macs, millis}).forEach(([name, value]) =>
    checkNumber(`${at}.cost.${name}`, value, 0),
  );
  Object.entries(fieldsOf(`${at}.sparsities`, sparsities)).forEach(([name, value]) =>
    checkSparsity(`${at}.sparsities.${name}`, value),
  );
  const scan = fieldsOf(`${at}.sensitivity`, sensitivity);
  checkMetric(`${at}.sensitivity.baseline`, scan.baseline);
  const list = scan.layers;
  checkList(`${at}.sensitivity.layers`, list);
  list.forEach((layer, i) => checkLayer(`${at}.sensitivity.layers[${i}]`, layer));
  const names = list.map((layer) => (layer as Fields).name);
  const areThese = JSON.stringify(names) === JSON.stringify(layers);
  checkNote(areThese, `${at}.sensitivity.layers`, `the layers ${listed(layers)}`, names);
}

function checkLayer(at: string, layer: unknown): void {
  const {name, size, points} = fieldsOf(at, layer);
  checkNote(typeof name === 'string', `${at}.name`, 'a name', name);
  checkNumber(`${at}.size`, size, 1);
  checkList(`${at}.points`, points);
  points.forEach((point, i) => {
    const {sparsity, metric} = fieldsOf(`${at}.points[${i}]`, point);
    checkSparsity(`${at}.points[${i}].sparsity`, sparsity);
    checkMetric(`${at}.points[${i}].metric`, metric);
  });
}

function checkEntry(at: string, entry: unknown): void {
  const {candidate, outcome, seconds, waited = 0} = fieldsOf(at, entry);
  const {sparsity, epochs} = fieldsOf(`${at}.candidate`, candidate);
  checkSparsity(`${at}.candidate.sparsity`, sparsity);
  checkNumber(`${at}.candidate.epochs`, epochs, 0);
  checkNumber(`${at}.seconds`, seconds, 0);
  checkNumber(`${at}.waited`, waited, 0);
  const came = fieldsOf(`${at}.outcome`, outcome);
  checkMetric(`${at}.outcome.metric`, came.metric);
  checkMetric(`${at}.outcome.drop`, came.drop);
  checkSparsity(`${at}.outcome.sparsity`, came.sparsity);
  checkNumber(`${at}.outcome.parameters`, came.parameters, 0);
}

function fieldsOf(at: string, value: unknown): Fields {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  checkNote(isObject, at, 'an object', value);
  return value as Fields;
}

function checkList(at: string, value: unknown): asserts value is unknown[] {
  checkNote(Array.isArray(value), at, 'a list', value);
}

function checkNumber(at: string, value: unknown, least: number): void {
  const isNumber = typeof value === 'number' && Number.isFinite(value) && value >= least;
  checkNote(isNumber, at, `a number of at least ${least}`, value);
}

function checkSparsity(at: string, value: unknown): void {
  const isSparsity = typeof value === 'number' && value >= 0 && value <= 1;
  checkNote(isSparsity, at, 'a share', value);
}

/** A metric that is not finite is `null` in JSON. */
function checkMetric(at: string, value: unknown): void {
  checkNote(value === null || Number.isFinite(value), at, 'a number', value);
}

function checkNote(isSo: boolean, at: string, expected: string, received: unknown): void {
  check(isSo, `journal: ${at}`, expected, received);
}

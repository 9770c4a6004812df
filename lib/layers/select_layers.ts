import {check} from '../base/check';
import {listed} from '../base/listed';
import type {Choosable} from '../model/candidates';
import {checkKnown, depthIn, meantBy, namesIn, training} from '../model/choose_weights';
import {
  checkLayerFilter,
  checkLayerNames,
  type LayerFilter,
  type LayerName,
} from '../model/layer_selection';
import type {LayerUnit} from './layer_units';

/** Throws where `layers` or `ignore` are malformed; names are checked once the model is known. */
export function checkUnitSelection(layers: unknown, ignore: unknown): void {
  if (layers !== undefined) {
    checkLayerFilter(layers);
  }
  checkLayerNames('ignore', ignore);
}

/** The units that are selected and not ignored, whether they can go or not. */
export function selectUnits(
  units: readonly LayerUnit[],
  selection: LayerFilter | undefined,
  ignore: readonly LayerName[],
): readonly LayerUnit[] {
  const left = units.filter((unit) => !ignore.some((name) => depthIn(whole(unit), name) > 0));
  if (selection === undefined) {
    return left.filter(({trains}) => trains !== false);
  }
  if (typeof selection === 'function') {
    return training(left.map(whole).filter(({unit}) => unit.layers.every(selection))).map(
      ({unit}) => unit,
    );
  }
  // A branch is meant by the name of its addition, or by those of all its layers.
  const meant = left.filter((unit) => {
    const named = selection.filter((name) => depthIn(whole(unit), name) > 0);
    const isNamed = ({path, layer}: {path: string; layer?: LayerUnit['layers'][number]}) =>
      named.some((name) => depthIn({paths: [path], layers: layer ? [layer] : []}, name) > 0);
    return (
      isNamed({path: unit.name, layer: unit.branch?.sum.outboundLayer}) ||
      unit.paths.every((path, i) => isNamed({path, layer: unit.layers[i]}))
    );
  });
  const items = units.map(whole);
  const asked = new Set(selection.flatMap((name) => meantBy(items, name).map(({unit}) => unit)));
  return meant.filter((unit) => unit.trains !== false || asked.has(unit));
}

/** A unit by all the names that it has. */
function whole(unit: LayerUnit): Choosable & {unit: LayerUnit} {
  const sum = unit.branch ? [unit.branch.sum.outboundLayer] : [];
  return {
    unit,
    paths: [unit.name, ...unit.paths],
    layers: [...sum, ...unit.layers],
    trains: unit.trains,
  };
}

/**
 * Throws where a name is unknown, what is named must stay, or nothing that is
 * selected can go.
 */
export function checkUnits(
  units: readonly LayerUnit[],
  selection: LayerFilter | undefined,
  ignore: readonly LayerName[],
): void {
  const names = namesIn(selection);
  const items = units.map(whole);
  const known = units.map(describe);
  checkKnown('ignore', ignore, items, 'names of layers among', known);
  checkKnown('layers', names, items, 'names of layers among', known);
  for (const name of names) {
    const named = items.filter((item) => depthIn(item, name) > 0).map(({unit}) => unit);
    check(
      named.some(({frozen}) => frozen === undefined),
      'layers',
      'layers that can be removed',
      `${named[0].name}: ${named[0].frozen}`,
    );
  }
  const selected = selectUnits(units, selection, ignore);
  const received = listed(selected.map(describe));
  check(
    selected.some(({frozen}) => frozen === undefined),
    'layers',
    'at least one layer that can be removed',
    received ? `none of ${received}` : 'none',
  );
}

function describe({name, frozen}: LayerUnit): string {
  return frozen === undefined ? name : `${name} (${frozen})`;
}

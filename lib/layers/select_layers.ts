import {check} from '../base/check';
import {depthOfName} from '../model/layer_path';
import {checkLayerFilter, type LayerFilter} from '../model/layer_selection';
import type {LayerUnit} from './layer_units';

/** Throws where `layers` or `ignore` are malformed; names are checked once the model is known. */
export function checkUnitSelection(layers: unknown, ignore: unknown): void {
  if (layers !== undefined) {
    checkLayerFilter(layers);
  }
  const isNames = Array.isArray(ignore) && ignore.every((name) => typeof name === 'string');
  check(isNames, 'ignore', 'a list of names of layers', ignore);
}

/** The units that are selected and not ignored, whether they can go or not. */
export function selectUnits(
  units: readonly LayerUnit[],
  selection: LayerFilter | undefined,
  ignore: readonly string[],
): LayerUnit[] {
  return units.filter((unit) => {
    if (ignore.some((name) => isNamed(unit, name))) {
      return false;
    }
    if (selection === undefined) {
      return true;
    }
    if (typeof selection === 'function') {
      return unit.layers.every(selection);
    }
    const names = (path: string) => selection.some((name) => depthOfName(path, name) > 0);
    return names(unit.name) || unit.paths.every(names);
  });
}

/**
 * Throws where a name is unknown, what is named must stay, or nothing that is
 * selected can go.
 */
export function checkUnits(
  units: readonly LayerUnit[],
  selection: LayerFilter | undefined,
  ignore: readonly string[],
): void {
  const names = typeof selection === 'function' ? [] : (selection ?? []);
  checkKnown('ignore', ignore, units);
  checkKnown('layers', names, units);
  for (const name of names) {
    const named = units.filter((unit) => isNamed(unit, name));
    check(
      named.some(({frozen}) => frozen === undefined),
      'layers',
      'layers that can be removed',
      `${name}: ${named[0].frozen}`,
    );
  }
  const selected = selectUnits(units, selection, ignore);
  check(
    selected.some(({frozen}) => frozen === undefined),
    'layers',
    'at least one layer that can be removed',
    `none of ${describe(selected)}`,
  );
}

function isNamed({name, paths}: LayerUnit, given: string): boolean {
  return [name, ...paths].some((path) => depthOfName(path, given) > 0);
}

function checkKnown(argument: string, names: readonly string[], units: readonly LayerUnit[]) {
  for (const name of names) {
    const isKnown = units.some((unit) => isNamed(unit, name));
    check(isKnown, argument, `names of layers among ${describe(units)}`, name);
  }
}

function describe(units: readonly LayerUnit[]): string {
  const each = units.map(({name, frozen}) => (frozen === undefined ? name : `${name} (${frozen})`));
  return each.join(', ') || '(no layer)';
}

/**
 * How many layers deep `name` is in a path of layer names; 0 if it is not there.
 * A name is a layer's own, or several in a row: `'dense_1'`, `'encoder/dense_1'`.
 *
 * @example
 * depthOfName('encoder/block/conv', 'block'); //=> 2
 * depthOfName('encoder/block/conv', 'block/conv'); //=> 3
 * depthOfName('encoder/block/conv', 'blo'); //=> 0
 */
export function depthOfName(path: string, name: string): number {
  const start = `/${path}/`.lastIndexOf(`/${name}/`);
  return name === '' || start < 0 ? 0 : path.slice(0, start + name.length).split('/').length;
}

/** The same in the one of `paths` where it is deepest. */
export function deepestName(paths: readonly string[], name: string): number {
  return Math.max(0, ...paths.map((path) => depthOfName(path, name)));
}

/**
 * The one of `names` that says most of a layer: its own name says more than that
 * of a model around it. `undefined` where none is its.
 *
 * @param depthOf How deep a name is in the layer's path; 0 for one that is not there.
 */
export function closestName(
  names: readonly string[],
  depthOf: (name: string) => number,
): string | undefined {
  const known = names.filter((name) => depthOf(name) > 0);
  return known.sort((a, b) => depthOf(b) - depthOf(a))[0];
}

/**
 * How many layers deep `name` is in a path of layer names, as a layer's name or
 * as the path up to there; 0 if it is not.
 */
export function depthOfName(path: string, name: string): number {
  if (path === name || path.startsWith(`${name}/`)) {
    return name.split('/').length;
  }
  return path.split('/').lastIndexOf(name) + 1;
}

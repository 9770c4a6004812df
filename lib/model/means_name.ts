/**
 * Whether a name, or an expression for part of it, means `name`. By `search`, since `test`
 * goes on where it stopped if the expression has the flag g.
 */
export function meansName(wanted: string | RegExp, name: string): boolean {
  return wanted instanceof RegExp ? name.search(wanted) >= 0 : name === wanted;
}

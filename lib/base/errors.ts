/**
 * Thrown for every misuse of this library. The message names the argument, what was
 * expected and what was received. The model is left as it was.
 *
 * @example
 * new PruningError('finalSparsity', 'a number in [0, 1)', 1).message
 * //=> "finalSparsity: expected a number in [0, 1), but got 1."
 */
export class PruningError extends Error {
  /** The name that a printed error begins with. */
  override readonly name = 'PruningError';

  /**
   * @param argument The wrong argument, layer or file.
   * @param expected What would have been right; it follows "expected" in the message.
   * @param received What was received instead; shown in the message.
   * @param options `cause`: the error that this one explains.
   */
  constructor(
    readonly argument: string,
    readonly expected: string,
    readonly received: unknown,
    options?: {cause?: unknown},
  ) {
    super(`${argument}: expected ${expected}, but got ${show(received)}.`, options);
    // Printed, they would say again what the message says.
    for (const key of Object.keys(this)) {
      Object.defineProperty(this, key, {enumerable: false});
    }
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') {
    // A phrase may begin with a name in quotes: 'dense_1' of shape [3].
    return value[0] === "'" ? value : `'${value}'`;
  }
  if (typeof value === 'function') {
    return `the function ${value.name || '(anonymous)'}`;
  }
  if (value instanceof RegExp) {
    return String(value);
  }
  if (typeof value === 'object' && value !== null) {
    const type = typeOf(value);
    return type === 'Object' || type === 'Array' ? showObject(value) : `an instance of ${type}`;
  }
  return String(value);
}

/** The class of an object. Those of tfjs and of this library have a name that outlives minifiers. */
function typeOf(value: object): string {
  const maker = value.constructor as {name: string; className?: unknown} | undefined;
  return typeof maker?.className === 'string' ? maker.className : (maker?.name ?? 'Object');
}

/** Characters of an object that are shown. */
const LONGEST = 200;

function showObject(value: object): string {
  try {
    const text = JSON.stringify(value);
    return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  } catch {
    // A bigint or a cycle inside.
    return `an object of ${Object.keys(value).join(', ')}`;
  }
}

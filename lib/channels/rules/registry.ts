import {check} from '../../base/check';
import type {ChannelRule} from '../graph/channel_graph';
import {CONVOLUTIONS} from './convolution';
import {DENSE} from './dense';
import {ELEMENTWISE} from './elementwise';
import {MERGES} from './merge';
import {NORMALIZATIONS} from './normalization';
import {RECURRENT} from './recurrent';
import {RESHAPES} from './reshape';
import {SPATIAL} from './spatial';
import {WRAPPERS} from './wrappers';

/** Layer class → its rule. */
const rules = /* @__PURE__ */ builtinRules();

function builtinRules(): Map<string, ChannelRule> {
  return new Map(
    Object.entries({
      ...DENSE,
      ...CONVOLUTIONS,
      ...NORMALIZATIONS,
      ...ELEMENTWISE,
      ...SPATIAL,
      ...MERGES,
      ...RESHAPES,
      ...RECURRENT,
      ...WRAPPERS,
    }),
  );
}

/** The rule of a layer class, or `undefined`. */
export function channelRule(className: string): ChannelRule | undefined {
  return rules.get(className);
}

/**
 * Defines how channels pass through the layers of a class, for structured pruning. It
 * replaces any earlier rule of the class. Without a rule, all channels that such a layer
 * reads or produces must stay.
 *
 * @param className The class's `className`, as in `tf.serialization.registerClass`.
 * @param rule A function from the channels of a layer's inputs to those of its outputs.
 * @throws PruningError for anything else than a name and a function.
 * @example
 * // Works on each element by itself, and keeps the shape.
 * registerChannelRule('Scale', ({inputs: [x], shapes: [shape]}) => x.follow(shape, onlyZeros));
 */
export function registerChannelRule(className: string, rule: ChannelRule): void {
  check(typeof className === 'string' && className !== '', 'className', 'a class name', className);
  check(typeof rule === 'function', 'rule', 'a function', rule);
  rules.set(className, rule);
}

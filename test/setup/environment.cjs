const {TestEnvironment} = require('jest-environment-node');

/**
 * Jest gives each test file its own realm, and tfjs-node's addon compares
 * arrays by `instanceof` with those of the outer one. Sharing the array types
 * makes both see the same classes.
 */
module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const type of [
      Float32Array,
      Int32Array,
      Uint8Array,
      Uint16Array,
      Uint8ClampedArray,
      ArrayBuffer,
      DataView,
    ]) {
      this.global[type.name] = type;
    }
  }
};

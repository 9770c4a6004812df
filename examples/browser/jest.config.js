import base from '../../jest.config.js';

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  transform: base.transform,
  // Software WebGL on a busy machine takes its time.
  testTimeout: 600_000,
};

import '@tensorflow/tfjs-backend-cpu';

import {
  findBackendFactory,
  getBackend,
  registerBackend,
  removeBackend,
  scalar,
  setBackend,
} from '@tensorflow/tfjs-core';

import {quietCpu} from '../../lib/model/quiet_cpu';

it.each([true, false])('keeps the plain backend quiet: %s', async (isQuiet) => {
  const name = getBackend();
  registerBackend('another', findBackendFactory('cpu'), 1);
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  try {
    await setBackend('another');
    if (isQuiet) {
      quietCpu();
    }
    scalar(1).dispose();
    expect(warn).toHaveBeenCalledTimes(isQuiet ? 0 : 1);
  } finally {
    warn.mockRestore();
    await setBackend(name);
    removeBackend('another');
  }
});

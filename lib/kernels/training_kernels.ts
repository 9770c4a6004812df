import {compileNow, instantiate} from './compile';
import type {TrainingExports} from './exports';
import type {KernelSession} from './session';
import {TRAINING_BINARY} from './training_binary';

const opened = new WeakMap<KernelSession, TrainingExports>();

/**
 * The kernels that training alone needs, in the memory of a session: a module of their own,
 * which who only predicts does not load. It is small enough for browsers to compile at once.
 */
export function trainingKernels(session: KernelSession): TrainingExports {
  const known = opened.get(session);
  if (known) {
    return known;
  }
  const {memory} = session;
  const kernels = instantiate<TrainingExports>(compileNow(TRAINING_BINARY, memory), memory);
  opened.set(session, kernels);
  return kernels;
}

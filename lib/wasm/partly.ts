import type {KernelFunc, TensorInfo} from '@tensorflow/tfjs-core';

import type {Replacement} from '../kernels/override_kernel';
import {sessionSoon, type KernelSession} from '../kernels/session';

/** A kernel's arguments. */
export type KernelArgs = Parameters<KernelFunc>[0];

/**
 * A kernel that does some of the work of one of tfjs: `compute` gives `undefined` for
 * all other work, and tfjs's kernel does that. So does it while no session is open.
 */
export function partly(
  compute: (session: KernelSession, args: KernelArgs) => TensorInfo | undefined,
): Replacement {
  return (own) => (args) => {
    const session = sessionSoon(args.backend);
    return (session && compute(session, args)) ?? own(args);
  };
}

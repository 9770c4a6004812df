import type {Activation} from '../../model/layer_settings';

/** Activations that treat each element by itself, and whether they keep zero at zero. */
const ELEMENTWISE_ACTIVATIONS: Readonly<Record<string, boolean>> = {
  linear: true,
  relu: true,
  relu6: true,
  elu: true,
  selu: true,
  tanh: true,
  softsign: true,
  swish: true,
  mish: true,
  gelu: true,
  gelu_new: true,
  sigmoid: false,
  hardSigmoid: false,
  softplus: false,
};

/** Why an activation forbids to take out channels, or `undefined`. */
export function mixesChannels(activation: Activation | null): string | undefined {
  const name = activation?.getClassName() ?? 'linear';
  return name in ELEMENTWISE_ACTIVATIONS
    ? undefined
    : `activation '${name}' of each channel depends on the others`;
}

/** Whether an activation keeps zero at zero. */
export function keepsZero(activation: Activation | null): boolean {
  return ELEMENTWISE_ACTIVATIONS[activation?.getClassName() ?? 'linear'] === true;
}

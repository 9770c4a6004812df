import {fingerprint} from '../../lib/auto/fingerprint';
import {mlp, setWeight, values} from '../setup/models';

describe('fingerprint', () => {
  it('is the same for the same model, and another after a bit has changed', async () => {
    const model = mlp();
    const first = await fingerprint(model);
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(await fingerprint(model)).toBe(first);
    const kernel = values(model.layers[1].weights[0]);
    const bits = new Uint32Array(kernel.buffer);
    bits[3] ^= 1;
    setWeight(model.layers[1], 0, kernel);
    expect(await fingerprint(model)).not.toBe(first);
    bits[3] ^= 1;
    setWeight(model.layers[1], 0, kernel);
    expect(await fingerprint(model)).toBe(first);
  });

  it('tells zeros of both signs, orders and layers apart', async () => {
    const model = mlp({inputs: 2, units: [2]});
    const prints = new Set<string>();
    for (const kernel of [
      [0, 0, 1, 2],
      [-0, 0, 1, 2],
      [0, 0, 2, 1],
    ]) {
      setWeight(model.layers[0], 0, kernel);
      prints.add(await fingerprint(model));
    }
    prints.add(await fingerprint(mlp({inputs: 2, units: [2], dense: {useBias: false}})));
    expect(prints.size).toBe(4);
  });
});

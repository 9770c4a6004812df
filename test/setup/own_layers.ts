import {add, matMul, mul, serialization, type Tensor, tidy} from '@tensorflow/tfjs-core';
import {initializers, layers, type LayerVariable, type Shape} from '@tensorflow/tfjs-layers';

/** A dense layer of one's own, of which tfjs-prune knows nothing: y = x·w. */
export class Linear extends layers.Layer {
  static readonly className: string = 'OwnLinear';
  readonly units: number;
  kernel!: LayerVariable;

  constructor(args: {units: number; name?: string; inputShape?: number[]}) {
    super(args);
    this.units = args.units;
  }

  override build(shape: Shape): void {
    const initializer = initializers.glorotUniform({seed: 7});
    const size = [shape[shape.length - 1], this.units];
    this.kernel = this.addWeight('kernel', size, 'float32', initializer);
    super.build(shape);
  }

  override computeOutputShape(shape: Shape): Shape {
    return [...shape.slice(0, -1), this.units];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return matMul([inputs].flat()[0], this.kernel.read());
  }

  override getConfig(): serialization.ConfigDict {
    return {...super.getConfig(), units: this.units};
  }
}
serialization.registerClass(Linear);

/** As `Linear`, with numbers of rows beside the kernel. */
export class WithIntegers extends Linear {
  static override readonly className: string = 'OwnWithIntegers';

  override build(shape: Shape): void {
    super.build(shape);
    this.addWeight('rows', [2, 2], 'int32', initializers.zeros(), undefined, false);
  }
}
serialization.registerClass(WithIntegers);

/** Two dense layers in one, whose weights it calls its own. */
export class Block extends layers.Layer {
  static readonly className: string = 'OwnBlock';
  private readonly inner = ['first', 'second'].map((name) =>
    layers.dense({units: 3, useBias: false, name}),
  );

  override build(shape: Shape): void {
    this.inner.forEach((layer) => {
      layer.build(shape);
      this._trainableWeights.push(...layer.trainableWeights);
    });
    super.build(shape);
  }

  override computeOutputShape(shape: Shape): Shape {
    return [...shape.slice(0, -1), 3];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const [a, b] = this.inner.map((layer) => layer.apply([inputs].flat()[0]) as Tensor);
      return add(a, b);
    });
  }
}
serialization.registerClass(Block);

/** Two weights whose names differ before their last part. */
export class Twins extends layers.Layer {
  static readonly className: string = 'OwnTwins';
  private readonly kernels: LayerVariable[] = [];

  override build(shape: Shape): void {
    const size = shape[shape.length - 1];
    for (const [name, seed] of [
      ['first', 1],
      ['second', 2],
    ] as const) {
      const initializer = initializers.glorotUniform({seed});
      this.kernels.push(this.addWeight(`${name}/kernel`, [size, size], 'float32', initializer));
    }
    super.build(shape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = [inputs].flat()[0];
    return tidy(() => mul(matMul(x, this.kernels[0].read()), matMul(x, this.kernels[1].read())));
  }
}
serialization.registerClass(Twins);

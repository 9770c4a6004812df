import type {Tensor} from '@tensorflow/tfjs-core';
import {dot, reshape, tidy} from '@tensorflow/tfjs-core';
import type {LayerVariable, Shape, SymbolicTensor} from '@tensorflow/tfjs-layers';
import {initializers, layers, model as makeModel, type LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {listed} from '../base/listed';

/** Layers of the student, each with the layer of the teacher whose outputs it should approach. */
export type Hints = Readonly<Record<string, string>>;

/** A teacher and a student with further outputs. */
export interface HintedModels {
  /** Shares the student's layers. */
  student: LayersModel;
  /** Shares the teacher's layers. */
  teacher: LayersModel;
  /** Frees what the student was given beyond its own layers. */
  dispose(): void;
}

/**
 * Models that show what the layers named in `hints` put out, after the output
 * (FitNets, Romero et al. 2015, https://arxiv.org/abs/1412.6550). Where a layer
 * of the student is narrower or wider than the teacher's, a linear map after it,
 * trained with it, takes its outputs to the teacher's width.
 */
export function hintedModels(
  student: LayersModel,
  teacher: LayersModel,
  hints: Hints,
): HintedModels {
  const maps: layers.Layer[] = [];
  const pairs = Object.entries(hints).map(([ours, theirs]) => {
    const [from, to] = [outputOf(student, ours, 'student'), outputOf(teacher, theirs, 'teacher')];
    const inner = (shape: Shape) => shape.slice(1, -1).join();
    check(
      from.shape.length === to.shape.length && inner(from.shape) === inner(to.shape),
      `hints['${ours}']`,
      `a layer of the teacher with outputs [${from.shape.slice(0, -1)}, any width]`,
      `'${theirs}' with [${to.shape}]`,
    );
    return [from, to];
  });
  const outputs = pairs.map(([from, to]) => {
    const width = to.shape[to.shape.length - 1];
    if (from.shape[from.shape.length - 1] === width) {
      return from;
    }
    const map = hintMap(width as number);
    maps.push(map);
    return map.apply(from) as SymbolicTensor;
  });
  return {
    student: makeModel({inputs: student.inputs, outputs: [...student.outputs, ...outputs]}),
    teacher: makeModel({
      inputs: teacher.inputs,
      outputs: [...teacher.outputs, ...pairs.map(([, to]) => to)],
    }),
    dispose: () => maps.splice(0).forEach((map) => map.dispose()),
  };
}

function outputOf(model: LayersModel, name: string, owner: string): SymbolicTensor {
  try {
    const {output} = model.getLayer(name);
    check(!Array.isArray(output), 'hints', 'layers with one output', name);
    return output;
  } catch (cause) {
    if (cause instanceof PruningError) {
      throw cause;
    }
    const names = listed(model.layers.map((layer) => layer.name));
    throw new PruningError('hints', `layers of the ${owner}, each used once: ${names}`, name, {
      cause,
    });
  }
}

/** A linear map of the last axis. No Dense layer, whose kernel would be pruned. */
function hintMap(width: number): layers.Layer {
  class HintMap extends layers.Layer {
    static readonly className = 'HintMap';
    private map!: LayerVariable;

    override build(inputShape: Shape): void {
      const size = inputShape[inputShape.length - 1] as number;
      const initializer = initializers.glorotUniform({seed: 1});
      this.map = this.addWeight('map', [size, width], 'float32', initializer);
      this.built = true;
    }

    override computeOutputShape(inputShape: Shape): Shape {
      return [...inputShape.slice(0, -1), width];
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      const input = Array.isArray(inputs) ? inputs[0] : inputs;
      return tidy(() => {
        const rows = reshape(input, [-1, input.shape[input.rank - 1]]);
        return reshape(dot(rows, this.map.read()), [...input.shape.slice(0, -1), width]);
      });
    }
  }
  return new HintMap({});
}

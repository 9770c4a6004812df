import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';

import {batches, type Digits} from '../examples/mnist/data';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS, type ModelName} from '../examples/mnist/models';
import {Remembered} from './remembered';
import {printResult, shown, spread, spreadFigures} from './result';

/** The nets that methods are compared on, by how an option names them. */
export const NETS = {
  lenet300: {title: 'LeNet-300-100', model: 'mlp'},
  lenet5: {title: 'LeNet-5', model: 'lenet5'},
  residual: {title: 'residual MLP', model: 'residual'},
} as const satisfies Readonly<Record<string, {title: string; model: ModelName}>>;
export type NetName = keyof typeof NETS;

/** Accuracy in %, and what else was measured. */
export interface Outcome extends Readonly<Record<string, number>> {
  readonly accuracy: number;
}

/**
 * Outcomes by what was tried, one for each seed. They are remembered: started again
 * after an interruption, a study goes on where it was.
 */
export class Study {
  private readonly remembered: Remembered<Outcome>;
  private readonly found = new Map<string, Outcome[]>();

  /** `settings` are those that change outcomes, such as `6000 images`. */
  constructor(
    private readonly name: string,
    private readonly settings: string,
  ) {
    this.remembered = new Remembered(name);
  }

  async measure(tried: string, seed: number, run: () => Promise<Outcome>): Promise<void> {
    const outcome = await this.remembered.of(`${tried}, ${this.settings}, ${seed}`, run);
    this.found.set(tried, [...(this.found.get(tried) ?? []), outcome]);
  }

  /** The accuracies over seeds, and the means of what else was measured. */
  print(): void {
    const figures: Record<string, number> = {};
    const [first] = this.found.values();
    const others = Object.keys(first[0]).filter((key) => key !== 'accuracy');
    const head = ['', 'accuracy %', ...others];
    const table = new Table({head, style: {head: [], border: []}});
    for (const [tried, outcomes] of this.found) {
      const range = spread(outcomes.map((each) => each.accuracy));
      Object.assign(figures, spreadFigures(tried, range));
      const means = others.map((key) => spread(outcomes.map((each) => each[key])).mean);
      means.forEach((mean, i) => (figures[`${tried}, ${others[i]}`] = mean));
      table.push([tried, shown(range), ...means.map((mean) => mean.toFixed())]);
    }
    console.log(`${table}`);
    printResult(this.name, tf.getBackend(), figures, {});
  }
}

/** A net after training as it is, in batches whose order is that of `seed`. */
export async function trainDensely(
  name: ModelName,
  train: Digits,
  {batch, epochs, seed}: {batch: number; epochs: number; seed: number},
): Promise<LayersModel> {
  const model: LayersModel = MODELS[name](seed);
  compile(model);
  await model.fitDataset(batches(train, batch, seed), {epochs, verbose: 0});
  return model;
}

/** Accuracy in %, of a model that may be compiled in another way. */
export async function percentRight(model: LayersModel, test: Digits): Promise<number> {
  compile(model);
  return Number((100 * (await accuracy(model, test))).toFixed(3));
}

